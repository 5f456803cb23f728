"""JSON of networks and tools: each kind of object becomes the rows that a person would expect."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from dashboard.core.errors import InvalidFile
from dashboard.sources.files.readers import reader

Rows = list[dict[str, Any]]


def read(value: Any, name: str = "posts.json") -> Rows:
    """Return the rows of a value as JSON, or of several values as JSON lines."""
    content = "\n".join(map(json.dumps, value)) if name.endswith(("jsonl", "ndjson")) else json.dumps(value)
    return [row for batch in reader.open_reader(io.BytesIO(content.encode()), name) for row in batch]


def summarize(rows: Rows) -> list[tuple[Any, ...]]:
    """Return the account, day, kind and text of each row."""
    return [(row["account"], row["created_at"] and f"{row['created_at']:%Y-%m-%d}", row["kind"], row["text"]) for row in rows]


def build_status(number: int, content: str, **changes: Any) -> dict[str, Any]:
    """Return a status as Mastodon's API sends it."""
    return {
        "id": str(number),
        "created_at": f"2026-11-0{number}T10:00:00.000Z",
        "in_reply_to_id": None,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": f"https://quay.example/{number}",
        "url": f"https://quay.example/@pier/{number}",
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": 3,
        "content": content,
        "reblog": None,
        "account": {"id": "1", "username": "pier", "acct": "pier"},
    } | changes


def build_version(content: str, hour: int) -> dict[str, Any]:
    """Return a version of a post as Mastodon's history of edits has it: without an ID or an address."""
    account = {"id": "7", "acct": "pier", "url": "https://quay.example/@pier"}
    version = {"content": f"<p>{content}</p>", "created_at": f"2026-11-02T{hour}:00:00.000Z", "account": account}
    return version | {"spoiler_text": "", "sensitive": False, "media_attachments": [], "emojis": []}


def build_post_view(key: str, text: str, day: int = 2, **record: Any) -> dict[str, Any]:
    """Return a post as Bluesky's API sends it."""
    return {
        "uri": f"at://did:plc:aaaa/app.bsky.feed.post/{key}",
        "cid": "bafy",
        "author": {"did": "did:plc:aaaa", "handle": "quay.example.org"},
        "record": {"$type": "app.bsky.feed.post", "text": text, "createdAt": f"2026-11-0{day}T10:00:00Z", "langs": ["en"]} | record,
        "likeCount": 3,
        "repostCount": 1,
        "indexedAt": f"2026-11-0{day}T10:00:05Z",
    }


def build_web_tweet(number: int, text: str, **legacy: Any) -> dict[str, Any]:
    """Return a post as X's website receives it."""
    return {
        "rest_id": str(number),
        "core": {"user_results": {"result": {"rest_id": "7", "core": {"screen_name": "quayside"}}}},
        "views": {"count": "55", "state": "EnabledWithCount"},
        "legacy": {
            "full_text": text,
            "created_at": "Mon Nov 02 10:00:00 +0000 2026",
            "favorite_count": 3,
            "retweet_count": 1,
            "lang": "en",
            "id_str": str(number),
            "conversation_id_str": "1",
        }
        | legacy,
    }


# --- Mastodon --------------------------------------------------------------------------------------------------------

STATUSES = [
    build_status(1, '<p>Thanks <a href="https://quay.example/great"><span class="invisible">https://</span>quay.example/great</a></p>'),
    build_status(2, "<p>It&#39;s bad</p>", in_reply_to_id="9"),
    build_status(3, "", reblog=build_status(1, "<p>wonderful</p>")),
    build_status(4, "<p>No</p>", spoiler_text="Weather"),
]


@pytest.mark.parametrize(
    "wrapped",
    [
        STATUSES,
        {"statuses": STATUSES, "accounts": [{"id": "1"}], "hashtags": []},
        {"version": 6, "account": {"acct": "pier"}, "statuses": STATUSES, "favourites": STATUSES, "bookmarks": STATUSES},
    ],
    ids=["timeline", "search", "mastodon-archive"],
)
def test_mastodons_responses_are_read(wrapped: Any) -> None:
    """Markup becomes text, replies and boosts have their kind, and lists of other people's posts are left out."""
    rows = read(wrapped)
    assert summarize(rows) == [
        ("pier", "2026-11-01", "post", "Thanks https://quay.example/great"),
        ("pier", "2026-11-02", "reply", "It's bad"),
        ("pier", "2026-11-03", "repost", "wonderful"),
        ("pier", "2026-11-04", "post", "Weather\nNo"),
    ]
    assert [(row["likes"], row["reposts"], row["replies"]) for row in rows[:3]] == [(3, 2, 1), (3, 2, 1), (None, None, None)]


def test_a_mastodon_outbox_is_read() -> None:
    """Posts and boosts count; direct messages and other activities don't."""
    public = ["https://www.w3.org/ns/activitystreams#Public"]
    note = {"id": "https://quay.example/users/pier/statuses/1", "type": "Note", "published": "2026-11-02T10:00:00Z"}
    create = {"type": "Create", "actor": "https://quay.example/users/pier", "published": "2026-11-02T10:00:00Z"}
    activities = [
        {
            **create,
            "id": "a1",
            "to": public,
            "object": {**note, "content": "<p>A good day</p>", "contentMap": {"de": ""}, "inReplyTo": "https://x"},
        },
        {
            "type": "Announce",
            "id": "a2",
            "actor": "https://quay.example/users/pier",
            "published": "2026-11-03T10:00:00Z",
            "object": "https://o.example/1",
        },
        {**create, "id": "a3", "to": ["https://o.example/users/ann"], "cc": [], "object": {**note, "content": "<p>secret</p>"}},
        {"type": "Delete", "id": "a4", "actor": "https://quay.example/users/pier", "object": "https://quay.example/1"},
    ]
    rows = read({"@context": "https://www.w3.org/ns/activitystreams", "type": "OrderedCollection", "orderedItems": activities})
    assert summarize(rows) == [("pier", "2026-11-02", "reply", "A good day"), ("pier", "2026-11-03", "repost", "")]
    assert rows[0]["lang"] == "de"


# --- Bluesky ---------------------------------------------------------------------------------------------------------

FEED = [
    {"post": build_post_view("1", "A good day")},
    {"post": build_post_view("2", "A bad day", 3, reply={"parent": {"uri": "at://x"}})},
    {
        "post": build_post_view("3", "Not mine") | {"author": {"did": "did:plc:b", "handle": "other.example.org"}},
        "reason": {
            "$type": "app.bsky.feed.defs#reasonRepost",
            "by": {"did": "did:plc:aaaa", "handle": "quay.example.org"},
            "indexedAt": "2026-11-04T10:00:00Z",
        },
    },
]
FEED_ROWS = [
    ("quay.example.org", "2026-11-02", "post", "A good day"),
    ("quay.example.org", "2026-11-03", "reply", "A bad day"),
    ("quay.example.org", "2026-11-04", "repost", "Not mine"),
]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({"feed": FEED, "cursor": "x"}, "feed.json"),
        (FEED, "feed.json"),
        (FEED, "feed.jsonl"),
        ([{"feed": FEED[:2]}, {"feed": FEED[2:]}], "a.jsonl"),
    ],
    ids=["response", "list", "lines", "responses"],
)
def test_bluesky_feeds_are_read(value: Any, name: str) -> None:
    """A repost belongs to the account that reposted."""
    assert summarize(read(value, name)) == FEED_ROWS


def test_bluesky_posts_are_read() -> None:
    """Those of getPosts and searchPosts aren't wrapped."""
    quote = {"$type": "app.bsky.embed.record", "record": {"uri": "at://did:plc:b/app.bsky.feed.post/1"}}
    rows = read({"posts": [build_post_view("1", "See this", embed=quote)], "hitsTotal": 1})
    assert summarize(rows) == [("quay.example.org", "2026-11-02", "quote", "See this")]
    assert rows[0]["likes"] == 3


def test_bluesky_records_are_read() -> None:
    """Those of listRecords have the permanent ID of the account, and records of other kinds are left out."""
    record = {"$type": "app.bsky.feed.post", "text": "good", "createdAt": "2026-11-02T10:00:00Z"}
    like = {"$type": "app.bsky.feed.like", "createdAt": "2026-11-02T10:00:00Z", "subject": {"uri": "at://x"}}
    repost = {"$type": "app.bsky.feed.repost", "createdAt": "2026-11-03T10:00:00Z", "subject": {"uri": "at://x"}}
    records = [
        {"uri": f"at://did:plc:aaaa/{value['$type']}/{number}", "cid": "bafy", "value": value}
        for number, value in enumerate((record, like, repost))
    ]
    assert summarize(read({"records": records, "cursor": "1"})) == [
        ("did_plc_aaaa", "2026-11-02", "post", "good"),
        ("did_plc_aaaa", "2026-11-03", "repost", ""),
    ]


# --- X ---------------------------------------------------------------------------------------------------------------


def test_the_whole_text_of_old_posts_is_read() -> None:
    """It's in `extended_tweet`, and for a repost in the original."""
    whole = {"text": "cut…", "truncated": True, "extended_tweet": {"full_text": "the whole, terrible text"}}
    tweet = {"created_at": "Mon Nov 02 10:00:01 +0000 2026", "id_str": "1", "user": {"screen_name": "quayside"}, "lang": "en"}
    repost = {"text": "RT @northpier: cut…", "retweeted_status": {"id_str": "5", **whole}}
    assert summarize(read([{**tweet, **whole}, {**tweet, **repost, "id_str": "2"}], "stream.jsonl")) == [
        ("quayside", "2026-11-02", "post", "the whole, terrible text"),
        ("quayside", "2026-11-02", "repost", "RT @northpier: the whole, terrible text"),
    ]


def test_the_whole_text_of_a_repost_comes_from_the_included_posts() -> None:
    """X's API v2 lists originals separately."""
    response = {
        "data": [
            {
                "id": "2",
                "author_id": "7",
                "created_at": "2026-11-02T10:00:00Z",
                "text": "RT @ann: cut…",
                "referenced_tweets": [{"type": "retweeted", "id": "1"}],
            }
        ],
        "includes": {
            "users": [{"id": "7", "username": "quayside"}, {"id": "8", "username": "ann"}],
            "tweets": [{"id": "1", "author_id": "8", "text": "the whole text"}],
        },
    }
    assert summarize(read(response)) == [("quayside", "2026-11-02", "repost", "RT @ann: the whole text")]


def zeeschuimer(data: dict[str, Any], platform: str = "twitter.com") -> dict[str, Any]:
    """Return an item as Zeeschuimer exports it."""
    return {"nr": 1, "item_id": "1", "timestamp_collected": 1793613600000, "source_platform": platform, "data": data}


def test_posts_of_x_collected_in_a_browser_are_read() -> None:
    """Long texts, reposts, replies, quotes and views are where X's website has them."""
    original = build_web_tweet(5, "the whole text")
    posts = [
        build_web_tweet(1, "good") | {"note_tweet": {"note_tweet_results": {"result": {"text": "good, and much longer"}}}},
        build_web_tweet(2, "RT @ann: the wh…", retweeted_status_result={"result": original}),
        build_web_tweet(3, "@ann no", in_reply_to_status_id_str="9"),
        build_web_tweet(4, "see", is_quote_status=True),
        {"__typename": "TweetWithVisibilityResults", "tweet": build_web_tweet(6, "limited")},
    ]
    rows = read([zeeschuimer(post) for post in posts], "zeeschuimer-export-twitter.com.ndjson")
    assert [(row["kind"], row["text"]) for row in rows] == [
        ("post", "good, and much longer"),
        ("repost", "RT @ann: the whole text"),
        ("reply", "@ann no"),
        ("quote", "see"),
        ("post", "limited"),
    ]
    assert {row["account"] for row in rows} == {"quayside"}
    assert rows[0]["views"] == 55


def test_a_saved_timeline_of_xs_website_is_read() -> None:
    """Its posts are found wherever the response has them."""
    entry = {"entryId": "tweet-1", "content": {"itemContent": {"tweet_results": {"result": build_web_tweet(1, "good")}}}}
    timeline = {"instructions": [{"type": "TimelineAddEntries", "entries": [entry]}]}
    response = {"data": {"user": {"result": {"timeline_v2": {"timeline": timeline}}}}}
    assert summarize(read(response)) == [("quayside", "2026-11-02", "post", "good")]


@pytest.mark.parametrize(
    "wrapped",
    [
        {"tweets": [{"id": "1", "text": "good", "created_at": "2026-11-02T10:00:00Z"}]},
        {"my export": {"list": [{"id": "1", "text": "good", "created_at": "2026-11-02T10:00:00Z"}]}},
        {"1": {"id": "1", "text": "good", "created_at": "2026-11-02T10:00:00Z"}},
        [[{"id": "1", "text": "good", "created_at": "2026-11-02T10:00:00Z"}]],
        {"count": 1, "items": [{"tweet": {"id": "1", "text": "good", "created_at": "2026-11-02T10:00:00Z"}}]},
        {"status": "ok", "result": {"data": {"posts": [{"id": "1", "text": "good", "created_at": "2026-11-02T10:00:00Z"}]}}},
    ],
)
def test_wrapped_posts_are_found(wrapped: Any) -> None:
    """Lists, objects by ID and wrappers of one post don't hide the posts."""
    assert [(row["id"], row["text"]) for row in read(wrapped)] == [("1", "good")]


# --- other tools and archives ----------------------------------------------------------------------------------------


def test_nested_authors_become_accounts() -> None:
    """Apify's items have the handle inside the author."""
    items = [
        {
            "type": "tweet",
            "id": str(number),
            "text": "t…",
            "fullText": text,
            "createdAt": "Mon Nov 02 10:00:00 +0000 2026",
            "likeCount": 3,
            "viewCount": 55,
            "isReply": number == 2,
            "isRetweet": False,
            "isQuote": number == 3,
            "author": {"userName": name},
        }
        for number, (name, text) in enumerate([("quayside", "good"), ("northpier", "bad"), ("northpier", "so")], 1)
    ]
    rows = read(items)
    assert [(row["account"], row["kind"], row["text"]) for row in rows] == [
        ("quayside", "post", "good"),
        ("northpier", "reply", "bad"),
        ("northpier", "quote", "so"),
    ]
    assert {row["views"] for row in rows} == {55}


def test_posts_of_tiktok_and_instagram_collected_in_a_browser_are_read() -> None:
    """Each platform has its own keys."""
    video = {
        "id": "7",
        "desc": "good",
        "createTime": 1793613600,
        "author": {"uniqueId": "quay"},
        "stats": {"diggCount": 3, "shareCount": 2, "commentCount": 1, "playCount": 9},
    }
    picture = {
        "code": "C1",
        "taken_at": 1793613600,
        "user": {"username": "quay"},
        "caption": {"text": "bad"},
        "like_count": 4,
        "comment_count": 5,
    }
    rows = read([zeeschuimer(video, "tiktok.com"), zeeschuimer(picture, "instagram.com")], "z.ndjson")
    assert summarize(rows) == [("quay", "2026-11-02", "post", "good"), ("quay", "2026-11-02", "post", "bad")]
    assert [(row["likes"], row["reposts"], row["replies"], row["views"]) for row in rows] == [(3, 2, 1, 9), (4, None, 5, None)]


def test_metas_archives_are_read_with_their_letters_repaired() -> None:
    """Facebook and Instagram write each byte of a letter as a character of its own."""
    broken = "Café 😀".encode().decode("latin-1")
    facebook = [
        {"timestamp": 1793613600, "data": [{"post": broken}], "title": "Quay updated its status."},
        {"timestamp": 1793613600, "data": []},
    ]
    instagram = [{"media": [{"uri": "a.jpg", "creation_timestamp": 1793613600, "title": broken}]}]
    threads = {"text_post_app_text_posts": [{"media": [{"uri": "", "creation_timestamp": 1793613600, "title": broken}]}]}
    assert [row["text"] for row in read(facebook, "your_posts_1.json")] == ["Café 😀"]
    assert [row["text"] for row in read(instagram, "posts_1.json")] == ["Café 😀"]
    assert [row["text"] for row in read(threads, "threads_and_replies.json")] == ["Café 😀"]


def test_only_the_posts_of_a_tiktok_archive_are_read() -> None:
    """Messages and what was watched stay unread."""
    archive = {
        "Direct Messages": {"Chat History": {"ChatHistory": {"Chat with ann": [{"Date": "2026-11-02 10:00:00", "Content": "secret"}]}}},
        "Activity": {"Video Browsing History": {"VideoList": [{"Date": "2026-11-02 10:00:00", "Link": "https://x"}]}},
        "Post": {"Posts": {"VideoList": [{"Date": "2026-11-02 10:00:00", "Link": "https://t", "Likes": "3", "Title": "good"}]}},
    }
    assert [(row["text"], row["likes"]) for row in read(archive)] == [("good", 3)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"data": [{"id": "1", "username": "a", "description": "d", "followers_count": 1, "following_count": 2}]}, "A list of accounts"),
        ({"@context": [], "outbox": "o", "preferredUsername": "pier", "type": "Person"}, "Mastodon’s profile"),
        (zeeschuimer({"actor": {}, "commentary": {}, "socialDetail": {}}, "linkedin.com"), "LinkedIn items"),
        ([build_version("bad", 10), build_version("good", 11)], "Mastodon’s history of an edited post"),
        ([{"string_map_data": {"Comment": {"value": "nice"}, "Time": {"timestamp": 1793613600}}}], "Instagram’s comments"),
    ],
)
def test_files_without_posts_are_refused_by_name(value: Any, expected: str) -> None:
    """The message says what the file is, and the advice what to upload instead."""
    with pytest.raises(InvalidFile, match=expected) as refused:
        read(value)
    assert refused.value.advice


def test_a_thread_of_bluesky_is_read_with_its_replies() -> None:
    """Replies are inside the post that they reply to."""
    reply = {"post": build_post_view("2", "A bad day", 3, reply={"parent": {"uri": "at://x"}})}
    thread = {"$type": "app.bsky.feed.defs#threadViewPost", "post": build_post_view("1", "A good day"), "replies": [reply]}
    assert summarize(read({"thread": thread})) == FEED_ROWS[:2]


def test_flattened_posts_of_twarc_have_their_whole_text() -> None:
    """The original of a repost is inside it."""
    original = {"type": "retweeted", "id": "5", "text": "the whole text", "author": {"username": "ann"}}
    tweet = {"id": "2", "created_at": "2026-11-02T10:00:00Z", "text": "RT @ann: cut…", "author": {"username": "quayside"}}
    assert summarize(read([{**tweet, "referenced_tweets": [original]}], "flat.jsonl")) == [
        ("quayside", "2026-11-02", "repost", "RT @ann: the whole text")
    ]


@pytest.mark.parametrize(
    ("post", "expected"),
    [
        (
            {
                "id": "1_2",
                "message": "good",
                "created_time": "2026-11-02T10:00:00+0000",
                "from": {"name": "Quay"},
                "shares": {"count": 2},
                "likes": {"summary": {"total_count": 4}},
                "comments": {"data": [{"id": "3", "message": "not mine"}], "summary": {"total_count": 1}},
            },
            ("quay", "post", "good", 4, 2, 1),
        ),
        (
            {
                "id": "9a",
                "createdAt": "2026-11-02T10:00:00.000Z",
                "user": {"username": "quay"},
                "text": "good",
                "replyId": "8",
                "renoteId": None,
                "reactions": {"👍": 3, "🎉": 1},
                "renoteCount": 2,
                "repliesCount": 1,
            },
            ("quay", "reply", "good", 4, 2, 1),
        ),
        (
            {
                "link": "https://twitter.com/quay/status/19#m",
                "text": "good",
                "user": {"username": "@quay"},
                "date": "Nov 2, 2026 · 10:00 AM UTC",
                "is-retweet": False,
                "stats": {"comments": 1, "retweets": 2, "likes": 4},
            },
            ("quay", "post", "good", 4, 2, 1),
        ),
        (
            {
                "shortcode": "C1",
                "taken_at_timestamp": 1793613600,
                "owner": {"username": "quay"},
                "edge_media_to_caption": {"edges": [{"node": {"text": "good"}}]},
                "edge_media_preview_like": {"count": 4},
                "edge_media_to_comment": {"count": 1},
            },
            ("quay", "post", "good", 4, None, 1),
        ),
        (
            {
                "platformId": "1_2",
                "platform": "Facebook",
                "date": "2026-11-02 10:00:00",
                "type": "photo",
                "message": "good",
                "account": {"handle": "quay", "name": "The Quay", "subscriberCount": 999},
                "statistics": {"actual": {"likeCount": 4, "shareCount": 2, "commentCount": 1}},
            },
            ("quay", "post", "good", 4, 2, 1),
        ),
    ],
    ids=["Facebook’s Graph API", "Misskey", "ntscraper", "Instagram's former website", "CrowdTangle’s API"],
)
def test_further_objects_are_read(post: dict[str, Any], expected: tuple[Any, ...]) -> None:
    """Counts may be inside other objects."""
    rows = read({"data": [post], "paging": {}})
    assert [tuple(row[field] for field in ("account", "kind", "text", "likes", "reposts", "replies")) for row in rows] == [expected]


@pytest.mark.parametrize("pad", [0, 1_500_000], ids=["short", "too long for memory"])
def test_long_responses_are_read_like_short_ones(pad: int) -> None:
    """Beyond a megabyte they are read in pieces; lists of other things give no rows."""
    padding = {"favourites": [build_status(9, "<p>not mine</p>" + "x" * 1_000)] * (pad // 1_000), "filters": [{"phrase": "y"}]}
    document = {"version": 6, "account": {"acct": "pier"}, "statuses": STATUSES, **padding}
    reading = reader.open_reader(io.BytesIO(json.dumps(document).encode()), "a.json")
    assert [row["kind"] for batch in reading for row in batch] == ["post", "reply", "repost", "post"]
    assert reading.tally.reasons == []


def test_misskeys_notes_are_read_with_their_kinds() -> None:
    """A note without words of its own is a repost, the warning above a note is part of its text, and direct messages aren't posts."""
    note = {"createdAt": "2026-11-02T10:00:00.000Z", "cw": None, "fileIds": [], "replyId": None, "visibility": "public"}
    notes = [
        {**note, "id": "a", "text": None, "renoteId": "9", "renote": {"id": "9", "text": "of another"}, "user": {"username": "quay"}},
        {**note, "id": "b", "text": "look", "cw": "Food", "renoteId": "9", "user": {"username": "ann", "host": "far.example"}},
        {**note, "id": "c", "text": "for you", "renoteId": None, "visibility": "specified"},
    ]
    assert summarize(read(notes)) == [
        ("quay", "2026-11-02", "repost", "of another"),
        ("ann@far.example", "2026-11-02", "quote", "Food\nlook"),
    ]


def test_messages_of_telegram_are_read_with_their_formatted_parts() -> None:
    """Text with bold words or links is a list, and what happened to the channel isn't a message."""
    message = {"id": 1, "type": "message", "date_unixtime": "1793613600", "date": "2026-11-02T11:00:00", "from": "Quay"}
    channel = {
        "name": "Quay",
        "messages": [
            {**message, "type": "service", "action": "create_channel", "text": ""},
            {**message, "text": ["a ", {"type": "bold", "text": "good"}, " day"]},
            {**message, "id": 2, "text": "plain", "forwarded_from": "Ann"},
        ],
    }
    assert summarize(read(channel, "result.json")) == [
        ("quay", "2026-11-02", "post", "a good day"),
        ("quay", "2026-11-02", "repost", "plain"),
    ]


def test_direct_messages_of_mastodon_are_not_posts() -> None:
    """Saved responses of somebody who is signed in contain them."""
    assert [row["text"] for row in read([build_status(1, "<p>good</p>"), build_status(2, "<p>psst</p>", visibility="direct")])] == ["good"]


def test_likes_of_bluesky_are_not_posts() -> None:
    """Notifications have records of several kinds in the same form."""
    like = build_post_view("1", "") | {"reason": "like", "record": {"$type": "app.bsky.feed.like", "createdAt": "2026-11-02T10:00:00Z"}}
    assert [row["text"] for row in read({"notifications": [like, build_post_view("2", "good")]})] == ["good"]


def test_an_impossible_time_of_jetstream_falls_back_to_that_of_the_event() -> None:
    """Some clients write year 1."""
    record = {"$type": "app.bsky.feed.post", "text": "good", "createdAt": "0001-01-01T00:00:00Z"}
    commit = {"operation": "create", "collection": "app.bsky.feed.post", "rkey": "3k", "record": record}
    event = {"did": "did:plc:aaaa", "time_us": 1_793_613_600_000_000, "kind": "commit", "commit": commit}
    assert [f"{row['created_at']:%Y-%m-%d %H:%M}" for row in read([event], "jetstream.jsonl")] == ["2026-11-02 10:00"]


def test_what_x_shows_instead_of_a_post_is_not_a_post() -> None:
    """Posts of suspended accounts have a text that says so."""
    tombstone = {"__typename": "TweetTombstone", "tombstone": {"text": {"text": "This Post is from a suspended account."}}}
    results = [{"tweet_results": {"result": result}} for result in (build_web_tweet(1, "good"), tombstone)]
    assert [row["text"] for row in read({"data": {"entries": results}})] == ["good"]


COLUMNS = {
    "id": ["101", "102"],
    "created_at": ["2026-11-02T10:00:00Z", "2026-11-03T10:00:00Z"],
    "text": ["good", "bad"],
    "user.screen_name": ["quay", "quay"],
}


@pytest.mark.parametrize(
    "value",
    [
        {name: dict(zip("01", column, strict=True)) for name, column in COLUMNS.items()},
        COLUMNS,
        {"columns": list(COLUMNS), "index": [0, 1], "data": [list(row) for row in zip(*COLUMNS.values(), strict=True)]},
        {"schema": {"fields": []}, "data": [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)]},
    ],
    ids=["columns", "list", "split", "table"],
)
def test_json_that_pandas_writes_is_read(value: Any) -> None:
    """`to_json` writes column by column unless told otherwise."""
    assert [(row["account"], row["id"], row["text"]) for row in read(value)] == [("quay", "101", "good"), ("quay", "102", "bad")]


@pytest.mark.parametrize("post_count", [2, 3_000], ids=["short", "too long for memory"])
def test_a_table_beside_the_names_of_its_columns_may_have_lists_as_cells(post_count: int) -> None:
    """As pandas writes tags with `orient="split"`, in the first row, too."""
    rows = [["2026-11-02", "good" * 200, ["tag"], {"lat": 1}], ["2026-11-03", "bad", [], None]] * (post_count // 2)
    value = {"columns": ["created_at", "text", "tags", "place"], "index": list(range(post_count)), "data": rows}
    assert [row["text"] for row in read(value)] == ["good" * 200, "bad"] * (post_count // 2)


def test_a_post_may_have_lists_that_are_called_like_those_of_a_table() -> None:
    """Such as the fields and the values of a form."""
    post = {"id": "1", "created_at": "2026-11-02T10:00:00Z", "text": "good", "fields": ["date", "text"], "values": [["2026-11-03", "no"]]}
    assert [row["text"] for row in read([post])] == ["good"]


@pytest.mark.parametrize(
    "value",
    [
        [["a"] * 100_000 + ["date", "text"], *[["2026-11-02", "good"]] * 5],
        [["a", "b"], ["a"] * 100_000 + ["date", "text"], *[["2026-11-02", "good"]] * 5],
    ],
    ids=["first row", "second row"],
)
def test_rows_in_json_have_no_more_cells_than_tables_have_columns(value: Any) -> None:
    """A question about a hundred thousand columns would take minutes."""
    with pytest.raises(InvalidFile):
        read(value)


@pytest.mark.parametrize(
    "author",
    [
        {"profile": {"handle": "{}"}},
        {"owner": {"username": "{}"}},
        {"author": {"displayName": "{}"}},
        {"tweetBy": {"userName": "{}"}},
        {"user_info": {"unique_id": "{}"}},
        {"from": {"name": "{}", "id": "7"}},
        {"creator.username": "{}"},
    ],
)
def test_authors_are_found_under_any_usual_name(author: dict[str, Any]) -> None:
    """Two accounts never become one."""
    posts = [
        json.loads(json.dumps(author).replace("{}", name)) | {"id": name, "text": "a", "date": "2026-11-02"} for name in ("quay", "pier")
    ]
    assert [row["account"] for row in read(posts)] == ["quay", "pier"]


def test_metas_posts_with_labels_are_read() -> None:
    """The newer archives have labels in the language of the account."""
    labels = [{"label": "Caption", "value": "Sch\u00c3\u00b6ner Tag"}, {"label": "Creation time", "timestamp_value": 1793613600}]
    rows = read([{"media": [], "label_values": labels}])
    assert [(row["text"], row["created_at"].isoformat()) for row in rows] == [("Schöner Tag", "2026-11-02T10:00:00+00:00")]
    with pytest.raises(InvalidFile, match="without captions in English"):
        read([{"media": [], "timestamp": 1793613600, "label_values": [{"label": "Bildunterschrift", "value": "gut"}]}])


def test_posts_of_xs_website_in_an_unknown_form_are_refused_by_name() -> None:
    """Nothing is guessed about texts and dates that have moved."""
    post = {"rest_id": "1990000000000000101", "core": {"user_results": {"result": {}}}, "details": {"full_text": "good"}}
    with pytest.raises(InvalidFile, match="X’s website, in a form that Chorus doesn’t know"):
        read({"data": {"entries": [{"tweet_results": {"result": post}}]}})


def test_the_newest_copy_of_a_facebook_post_counts() -> None:
    """The API lists the newest version first if a page was read twice."""
    post = {"id": "1_1", "created_time": "2026-11-02T10:00:00+0000", "from": {"name": "Quay"}}
    rows = read(
        [
            post | {"message": "good", "updated_time": "2026-11-02T11:00:00+0000"},
            post | {"message": "bad", "updated_time": "2026-11-02T10:00:00+0000"},
        ]
    )
    assert rows[0]["version"] > rows[1]["version"]


@pytest.mark.parametrize("written", [{"$date": "2026-11-02T10:00:00Z"}, {"$date": {"$numberLong": "1793613600000"}}])
def test_exports_of_mongodb_are_read(written: dict[str, Any]) -> None:
    """Its times and long numbers are objects."""
    post = {
        "_id": {"$oid": "5f"},
        "id": {"$numberLong": "1990000000000000101"},
        "text": "good",
        "created_at": written,
        "user": {"name": "quay"},
    }
    rows = read(post)
    assert [(row["id"], row["account"], row["created_at"].isoformat()) for row in rows] == [
        ("1990000000000000101", "quay", "2026-11-02T10:00:00+00:00")
    ]


POST, LATER_POST = (
    {"id": "1", "created_at": "2026-11-02T10:00:00Z", "text": "good"},
    {"id": "2", "created_at": "2026-11-03T10:00:00Z", "text": "bad"},
)
OF_TWO_ACCOUNTS = [("quay", "2026-11-02", "post", "good"), ("pier", "2026-11-03", "post", "bad")]


@pytest.mark.parametrize(
    "value",
    [
        {"quay": [POST], "pier": [LATER_POST]},
        {"quay": {"tweets": [POST]}, "pier": {"tweets": [LATER_POST]}},
        [{"user": "quay", "tweets": [POST]}, {"user": "pier", "tweets": [LATER_POST]}],
        [{"username": "quay", "pages": [{"posts": [POST]}]}, {"username": "pier", "pages": [{"posts": [LATER_POST]}]}],
        [{"user": {"screen_name": "quay"}, "tweets": [POST]}, {"user": {"screen_name": "pier"}, "tweets": [LATER_POST]}],
        [{"tweet": POST, "author": {"handle": "quay"}}, {"tweet": LATER_POST, "author": {"handle": "pier"}}],
        [{**POST, "author": {"profile": {"handle": "quay"}}}, {**LATER_POST, "author": {"profile": {"handle": "pier"}}}],
        [{**POST, "author": [{"username": "quay"}]}, {**LATER_POST, "author": [{"username": "pier"}]}],
        {"user": "harbour", "posts": [{**POST, "username": "quay"}, {**LATER_POST, "username": "pier"}]},
    ],
)
def test_posts_belong_to_the_account_around_them(value: Any) -> None:
    """Wherever a file names the account of some posts, they belong to it, and never all to the file."""
    assert summarize(read(value)) == OF_TWO_ACCOUNTS


@pytest.mark.parametrize(
    "value",
    [
        {"page1": [POST], "page2": [LATER_POST]},
        {"pages": [{"data": [POST]}, {"data": [LATER_POST]}]},
        {"results_2026": [POST]},
        {"october": [POST], "november": [LATER_POST]},
        {"positive": [POST], "negative": [LATER_POST]},
        {"train": [POST], "test": [LATER_POST]},
        {"twitter": [POST], "mastodon": [LATER_POST]},
        {"recent_posts": [POST], "scrapedTweets": [LATER_POST]},
    ],
)
def test_a_general_name_of_a_list_is_not_an_account(value: Any) -> None:
    """Pages, months, groups and networks say nothing about whose posts they have."""
    assert {row["account"] for row in read(value)} == {"posts"}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda posts: {"quay": posts},
        lambda posts: {"user": {"screen_name": "quay"}, "tweets": posts},
        lambda posts: {"username": "quay", "timeline": {"entries": posts}},
    ],
)
def test_the_account_around_posts_is_found_in_a_file_too_long_for_memory(wrap: Callable[[list[Any]], Any]) -> None:
    """A file that is read in pieces names the same accounts."""
    posts = [{**POST, "id": str(number), "text": "good " * 200} for number in range(1_200)]
    assert {row["account"] for row in read(wrap(posts))} == {"quay"}


@pytest.mark.parametrize("post_count", [3, 1_200], ids=["short", "too long for memory"])
@pytest.mark.parametrize("wrap", [lambda posts: posts, lambda posts: {"posts": posts}, lambda posts: {"username": "quay", "posts": posts}])
def test_posts_by_their_ids_are_read(wrap: Callable[[dict[str, Any]], Any], post_count: int) -> None:
    """As Firebase exports them, however many there are; a member that isn't a post is counted."""
    posts = {str(number): {**POST, "id": str(number), "text": "good " * 200} for number in range(post_count)}
    value = wrap({**posts, "draft": {"created_at": "2026-11-02T10:00:00Z"}})
    import_reader = reader.open_reader(io.BytesIO(json.dumps(value).encode()), "posts.json")
    rows = [row for batch in import_reader for row in batch]
    assert [row["id"] for row in rows] == list(posts)
    assert {row["account"] for row in rows} == {"quay" if "username" in value else "posts"}
    assert import_reader.tally.rows_unreadable == 1


@pytest.mark.parametrize("post_count", [3, 1_200], ids=["short", "too long for memory"])
@pytest.mark.parametrize("key", ["data", "first"])
def test_posts_beside_a_list_of_posts_are_not_read(key: str, post_count: int) -> None:
    """They are in the list, too, and what merely looks like a post isn't one."""
    posts = [{**POST, "id": str(number), "text": "good " * 200} for number in range(post_count)]
    others = {"pinned_tweet": posts[1], "newest": posts[0], "stats": {"text": "bad", "created_at": "2026-11-02T10:00:00Z"}}
    value = {"data": posts, **others} if key == "data" else {**others, "data": posts}
    assert [row["id"] for row in read(value)] == [post["id"] for post in posts]


@pytest.mark.parametrize(
    "written", [{"$date": "2026-11-02T20:15:00Z"}, {"$date": {"$numberLong": "1793650500000"}}, {"seconds": 1793650500, "nanoseconds": 0}]
)
def test_times_of_databases_are_read(written: Any) -> None:
    """MongoDB and Firestore write a time as an object."""
    assert f"{read([{**POST, 'created_at': written}])[0]['created_at']:%Y-%m-%d %H:%M}" == "2026-11-02 20:15"


HEADINGS, CELLS = ["id", "created_at", "username", "text", "likes"], [["1", "2026-11-02T10:00:00Z", "quay", "good", 3]]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ([HEADINGS, *CELLS], "posts.json"),
        ([["Posts of the quay", "2026"], [], HEADINGS, *CELLS], "posts.json"),
        ({"range": "Posts!A1:E2", "majorDimension": "ROWS", "values": [HEADINGS, *CELLS]}, "sheet.json"),
        ({"database": "posts", "columns": HEADINGS, "rows": CELLS}, "datasette.json"),
        ([HEADINGS, *CELLS], "posts.jsonl"),
    ],
    ids=["list", "title", "Google Sheets", "Datasette", "lines"],
)
def test_rows_in_json_are_read_by_their_headings(value: Any, name: str) -> None:
    """The first row that looks like a header has them, or a list beside the rows."""
    row = read(value, name)[0]
    assert (row["account"], row["id"], row["text"], row["likes"]) == ("quay", "1", "good", 3)


@pytest.mark.parametrize("value", [[HEADINGS, *CELLS * 20_000], {"columns": HEADINGS, "data": CELLS * 20_000}], ids=["list", "split"])
def test_rows_of_a_long_json_file_are_read(value: Any) -> None:
    """It isn't held in memory."""
    assert {row["text"] for row in read(value)} == {"good"}


def test_rows_in_json_that_no_heading_names_lead_to_a_question() -> None:
    """Two columns may be the text, and a guess would be silent."""
    with pytest.raises(InvalidFile) as asked:
        read([["1", "2026-11-02T10:00:00Z", "quay", "good"], ["2", "2026-11-03T10:00:00Z", "quay", "bad"]])
    assert asked.value.columns == ["column 1", "created_at", "column 3", "column 4"]  # type: ignore[attr-defined]


def test_a_row_in_json_with_more_cells_than_headings_is_unreadable() -> None:
    """The others are read."""
    file = io.BytesIO(json.dumps([HEADINGS, *CELLS, [*CELLS[0], "x"]]).encode())
    reading = reader.open_reader(file, "posts.json")
    assert sum(map(len, reading)) == 1
    assert [str(reason) for reason in reading.tally.reasons] == ["Post 3 has 6 cells, but the table has 5 columns."]


POST_LINE = json.dumps({"id": "1", "created_at": "2026-11-02T10:00:00Z", "username": "quay", "text": "good"})


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (f"[{POST_LINE},]", "posts.json"),
        (f"[\n{POST_LINE},\n]\n", "posts.json"),
        (f"{POST_LINE},\n{POST_LINE},\n", "posts.jsonl"),
        (f"{POST_LINE}{POST_LINE}\n", "posts.jsonl"),
        (json.dumps(json.loads(POST_LINE), indent=1), "posts.jsonl"),
        (f"{POST_LINE}\r{POST_LINE}\r", "posts.ndjson"),
    ],
    ids=["comma", "comma on a line", "commas after lines", "no line end", "several lines", "Mac line ends"],
)
def test_json_that_is_almost_right_is_read(content: str, name: str) -> None:
    """What it means is certain."""
    rows = [row for batch in reader.open_reader(io.BytesIO(content.encode()), name) for row in batch]
    assert {(row["account"], row["text"]) for row in rows} == {("quay", "good")}


def test_a_first_line_that_is_damaged_costs_only_itself() -> None:
    """The file has one document per line all the same."""
    reading = reader.open_reader(io.BytesIO(f"{POST_LINE[:20]}\n{POST_LINE}\n".encode()), "posts.jsonl")
    assert sum(map(len, reading)) == 1
    assert reading.tally.rows_unreadable == 1


def test_where_a_list_continues_is_not_a_post() -> None:
    """GraphQL has it beside the list."""
    reading = reader.open_reader(
        io.BytesIO(f'{{"data": {{"edges": [{{"node": {POST_LINE}}}], "pageInfo": {{"hasNextPage": true}}}}}}'.encode()), "posts.json"
    )
    assert sum(map(len, reading)) == 1
    assert reading.tally.rows_unreadable == 0
