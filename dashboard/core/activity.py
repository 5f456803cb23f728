"""What was read of an account: its posts, or how many there were. What either has is in `posts.py` and `counts.py`."""

from dashboard.core.counts import HourlyCounts
from dashboard.core.posts import Timeline

Activity = Timeline | HourlyCounts
