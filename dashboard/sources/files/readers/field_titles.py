"""What sentences about a file call the fields of its posts. How columns are found belongs in `field_paths.py`."""

from dashboard.core.messages import translatable

FIELD_TITLES = {
    "text": translatable("text"),
    "created_at": translatable("date"),
    "account": translatable("account"),
    "id": translatable("post ID"),
    "lang": translatable("language"),
    "likes": translatable("likes"),
    "reposts": translatable("reposts"),
    "replies": translatable("replies"),
    "quotes": translatable("quotes"),
    "views": translatable("views"),
}
