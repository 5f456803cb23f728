"""What was read of an account: its posts, what was found out about them before, or how many there were."""

from dashboard.core.counts import HourlyCounts
from dashboard.core.post_sums import PostSums
from dashboard.core.posts import Timeline

Activity = Timeline | HourlyCounts | PostSums
