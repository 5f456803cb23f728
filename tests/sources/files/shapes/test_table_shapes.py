"""Tables of tools: their columns become the rows that a person would expect, and numbers are read as their column writes them."""

import io
from typing import Any

import pytest

from dashboard.core.errors import InvalidFile
from dashboard.sources.files.readers import reader
from dashboard.sources.files.readers.count_columns import CountColumn
from dashboard.sources.files.readers.languages import parse_language
from dashboard.sources.files.readers.post_addresses import parse_post_address

FIELDS = ("account", "kind", "text", "likes", "reposts", "replies", "views")
TABLES = {
    "bskyr": (
        "uri,cid,author_handle,author_createdAt,record_createdAt,record_langs,record_text,replyCount,repostCount,likeCount,indexedAt\n"
        "at://did:plc:a/app.bsky.feed.post/3k,c,quay.example,2023-01-01,2026-11-02T10:00:00Z,en,good,1,2,4,2026-11-02T10:00:09Z\n",
        ("quay.example", "post", "good", 4, 2, 1, None),
    ),
    "bluesky-flat": (
        "post.uri,post.author.handle,post.record.text,post.record.createdAt,post.record.reply.parent.uri,post.likeCount,post.repostCount,"
        "post.replyCount\nat://did:plc:a/app.bsky.feed.post/3k,quay.example,good,2026-11-02T10:00:00Z,at://x,4,2,1\n",
        ("quay.example", "reply", "good", 4, 2, 1, None),
    ),
    "nodexl": (
        "Vertex 1,Vertex 2,Relationship,Relationship Date (UTC),Tweet,Tweet Date (UTC),Imported ID,Language\n"
        "quay,ann,Replies to,11/25/2026 10:00,good,11/25/2026 10:00,1990000000000000101,en\n",
        ("quay", "reply", "good", None, None, None, None),
    ),
    "academictwitteR": (
        "tweet_id,user_username,text,created_at,retweet_count,like_count,sourcetweet_type,sourcetweet_id,sourcetweet_text\n"
        "1590000000000000102,quay,good,2022-11-08T11:00:00.000Z,2,4,quoted,1580000000000000102,bad\n",
        ("quay", "quote", "good", 4, 2, None, None),
    ),
    "X's archive of information operations": (
        "tweetid,userid,user_screen_name,account_creation_date,account_language,tweet_language,tweet_text,tweet_time,in_reply_to_tweetid,"
        "quoted_tweet_tweetid,is_retweet,reply_count,like_count,retweet_count\n"
        "1090000000000000101,9,quay,2017-08-30,en,en,good,2019-01-28 10:00,,1080000000000000101,false,1,4,2\n",
        ("quay", "quote", "good", 4, 2, 1, None),
    ),
    "communalytic": (
        "id,parent_id,author,text,created_at,like_count,repost_count,reply_count\n"
        "at://did:plc:a/app.bsky.feed.post/3l,at://did:plc:b/app.bsky.feed.post/3k,quay.example,good,2026-11-02T11:00:00Z,4,2,1\n",
        ("quay.example", "reply", "good", 4, 2, 1, None),
    ),
    "mastodon-flat": (
        "id,created_at,url,content,account.acct,reblog.id,reblog.content,favourites_count,reblogs_count,replies_count\n"
        "1,2026-11-02T10:00:00.000Z,https://quay.example/@quay/1,,quay,9,<p>good</p>,4,2,1\n",
        ("quay", "repost", "good", 4, 2, 1, None),
    ),
    "x-analytics": (
        "Post id,Date,Post text,Post Link,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Replies,Reposts,Profile visits\n"
        '1990000000000000101,"Mon, Nov 02, 2026",good,https://x.com/quayside/status/1990000000000000101,120,4,6,0,9,0,1,2,0\n',
        ("quayside", "post", "good", 4, 2, 1, 120),
    ),
    "facebook-business-suite": (
        "Post ID,Page ID,Page name,Title,Description,Duration (sec),Publish time,Permalink,Is share,Post type,Languages,Date,Views,Reach,"
        "Reactions,Comments,Shares\n1,2,Quay,title,good,0,11/02/2026 10:00,https://www.facebook.com/1,0,Photos,,Lifetime,90,80,4,1,2\n",
        ("quay", "post", "good", 4, 2, 1, 90),
    ),
    "instagram-business-suite": (
        "Post ID,Account ID,Account username,Account name,Description,Duration (sec),Publish time,Permalink,Post type,Date,Views,Likes,"
        "Shares,Comments\n1,2,quay,The Quay,good,0,11/02/2026 10:00,https://www.instagram.com/p/1,IG image,Lifetime,90,4,2,1\n",
        ("quay", "post", "good", 4, 2, 1, 90),
    ),
    "crowdtangle-facebook": (
        "Page Name,User Name,Facebook Id,Likes at Posting,Post Created,Post Created Date,Post Created Time,Type,Likes,Comments,Shares,"
        "Post Views,URL,Message,Link,Description\n"
        "The Quay,quay,7,999,2026-11-02 10:00:00 EST,2026-11-02,10:00:00,Photo,4,1,2,90,https://www.facebook.com/7/posts/8,good,,\n",
        ("quay", "post", "good", 4, 2, 1, 90),
    ),
    "linkedin-page": (
        "Post title,Post link,Post type,Campaign name,Posted by,Created date,Audience,Impressions,Views,Clicks,Likes,Comments,Reposts\n"
        "good,https://www.linkedin.com/feed/update/1,Organic,,Ann,11/02/2026,All followers,90,,3,4,1,2\n",
        ("posts", "post", "good", 4, 2, 1, 90),
    ),
    "linkedin-shares": (
        "Date,ShareLink,ShareCommentary,SharedUrl,MediaUrl,Visibility\n2026-11-02 10:00:00,https://www.linkedin.com/1,good,,,MEMBER_NETWORK\n",
        ("posts", "post", "good", None, None, None, None),
    ),
    "youtube-studio": (
        "Content,Video title,Video publish time,Duration,Views,Shares,Comments added,Likes,Impressions\n"
        'Total,,,,90,2,1,4,500\nabc123,good,"Nov 2, 2026",100,90,2,1,4,500\n',
        ("posts", "post", "good", 4, 2, 1, 90),
    ),
    "threads-business-suite": (
        "Post ID,Account username,Publish time,Permalink,Description,Views,Likes,Replies,Quotes,Reposts\n"
        "1,quay,11/02/2026 10:00,https://www.threads.net/@quay/post/1,good,90,4,1,0,2\n",
        ("quay", "post", "good", 4, 2, 1, 90),
    ),
    "tiktok-studio": (
        "Time,Video title,Video link,Post time,Total likes,Total comments,Total shares,Total views\n"
        "2026-11-29,good,https://www.tiktok.com/@quay/video/7000000000000000001,2026-11-02,4,1,2,90\n",
        ("quay", "post", "good", 4, 2, 1, 90),
    ),
    "brandwatch": (
        "Query Id,Query Name,Date,Title,Snippet,Url,Domain,Sentiment,Page Type,Language,Author,Full Text,Engagement Type,Impressions,"
        "X Likes,X Replies,X Reposts\n1,Quay,2026-11-02 10:00:00.0,t,go…,http://twitter.com/quay/statuses/19,twitter.com,neutral,twitter,en,"
        "quay,good,REPLY,90,4,1,2\n",
        ("quay", "reply", "good", 4, 2, 1, 90),
    ),
    "talkwalker": (
        "url;indexed;published;title;title_snippet;content;content_snippet;root_url;lang;extra_author_attributes.short_name;"
        "article_extended_attributes.twitter_likes;article_extended_attributes.twitter_retweets\n"
        "https://x.com/quay/status/19;2026-11-02 11:00:00;2026-11-02 10:00:00;t;t;good;go;x.com;en;quay;4;2\n",
        ("quay", "post", "good", 4, 2, None, None),
    ),
    "meltwater": (
        "Date,Headline,URL,Opening Text,Hit Sentence,Source,Influencer,Country,Language,Reach,Likes,Replies,Reposts,Views\n"
        "02-Nov-2026 10:00AM,,https://x.com/quay/status/19,good,go,Twitter,@quay,Ireland,English,999,4,1,2,90\n",
        ("quay", "post", "good", 4, 2, 1, 90),
    ),
    "scweet": (
        "UserScreenName,UserName,Timestamp,Text,Embedded_text,Emojis,Comments,Likes,Retweets,Image link,Tweet URL\n"
        "The Quay,@quay,2026-11-02T10:00:00.000Z,good,,,1,4,2,[],https://x.com/quay/status/19\n",
        ("quay", "post", "good", 4, 2, 1, None),
    ),
    "atrrr": (
        "uri,author_handle,text,created_at,like_count,repost_count,reply_count,in_reply_to,quotes,langs\n"
        "at://did:plc:a/app.bsky.feed.post/1,quay.bsky.social,good,2026-11-02T10:00:00Z,4,2,1,NA,at://did:plc:b/app.bsky.feed.post/2,en\n",
        ("quay.bsky.social", "quote", "good", 4, 2, 1, None),
    ),
    "apify-x": (
        "author/userName,author/name,createdAt,fullText,text,id,isReply,isRetweet,isQuote,likeCount,retweetCount,replyCount,viewCount\n"
        "quay,The Quay,Mon Nov 02 10:00:00 +0000 2026,good,go,19,true,false,false,4,2,1,90\n",
        ("quay", "reply", "good", 4, 2, 1, 90),
    ),
    "minet": (
        "id,timestamp_utc,user_screen_name,text,retweet_count,like_count,reply_count,impression_count,to_tweetid,retweeted_id,quoted_id\n"
        "19,1793613600,quay,good,2,4,1,90,,18,\n",
        ("quay", "repost", "good", 4, 2, 1, 90),
    ),
    "sprout": (
        "Date,Post ID,Network,Post Type,Profile,Sent by,Link,Post,Impressions,Likes,Comments,Shares\n"
        "11/22/2026 10:00 am,19,X,@Reply,@quay,Ann,https://x.com/quay/status/19,good,90,4,1,2\n",
        ("quay", "reply", "good", 4, 2, 1, 90),
    ),
    "meta-business-suite in Portuguese": (
        "Identificação do post,Identificação da conta,Nome de usuário da conta,Nome da conta,Descrição,Duração (s),Horário de publicação,"
        "Link permanente,Tipo de post,Data,Visualizações,Alcance,Curtidas,Compartilhamentos,Comentários,Salvamentos\n"
        "1,2,quay,Quay,good,0,11/25/2026 10:15,https://www.instagram.com/p/A/,Reel,Vitalício,90,80,4,2,1,0\n",
        ("quay", "post", "good", 4, 2, 1, 90),
    ),
    "meta-business-suite in French": (
        "Identifiant de publication,Identifiant de la Page,Nom de la Page,Titre,Description,Heure de publication,Permalien,Est un partage,"
        "Date,Vues,Couverture,Réactions,Commentaires,Partages\n1,2,Quay,title,good,11/25/2026 10:15,https://www.facebook.com/1,1,"
        "À vie,90,80,4,1,2\n",
        ("quay", "post", "good", 4, 2, 1, 90),
    ),
    "meta-business-suite in German": (
        "Beitrags-ID,Seiten-ID,Seitenname,Titel,Beschreibung,Veröffentlichungszeitpunkt,Permalink,Datum,Aufrufe,Reaktionen,Kommentare,"
        "Geteilte Inhalte\n1,2,Quay,title,good,11/25/2026 10:15,https://www.facebook.com/1,Gesamt,90,4,1,2\n",
        ("quay", "post", "good", 4, 2, 1, 90),
    ),
    "meta-business-suite in Spanish": (
        "Identificador de la publicación,Nombre de la página,Título,Descripción,Hora de publicación,Enlace permanente,Fecha,"
        "Visualizaciones,Reacciones,Comentarios,Veces que se compartió\n1,Quay,title,good,11/25/2026 10:15,https://www.facebook.com/1,Total,90,4,1,2\n",
        ("quay", "post", "good", 4, 2, 1, 90),
    ),
    "youtube-studio in French": (
        "Contenu,Titre de la vidéo,Heure de publication de la vidéo,Durée,Vues,Impressions\n"
        "Total,,,,44 531,9\nabcDEF12345,good,28 sept. 2026,45,4 453,9\n",
        ("posts", "post", "good", None, None, None, 4_453),
    ),
    "tiktok-studio in German": (
        "Videotitel,Videolink,Veröffentlichungszeit,Likes insgesamt,Kommentare insgesamt,Shares insgesamt,Aufrufe insgesamt\n"
        "good,https://www.tiktok.com/@quay/video/7300000000000000000,2026-10-01,4,1,2,90\n",
        ("quay", "post", "good", 4, 2, 1, 90),
    ),
    "linkedin-page in French": (
        "Titre du post,Lien du post,Publié par,Date de création,Impressions,Clics,J’aime,Commentaires,Republications\n"
        "good,https://www.linkedin.com/feed/update/urn:li:activity:7300000000000000000,Ann,11/25/2026,90,5,4,1,2\n",
        ("posts", "post", "good", 4, 2, 1, 90),
    ),
    "sprout in Spanish": (
        "Fecha,Red,Tipo de publicación,Perfil,Enlace,Publicación,Impresiones,Reacciones,Comentarios,Compartidos\n"
        "25/11/2026 10:15,X,Respuesta,@quay,https://x.com/quay/status/1,good,90,4,1,2\n",
        ("quay", "reply", "good", 4, 2, 1, 90),
    ),
}


def read(content: str | bytes, name: str = "posts.csv") -> list[dict[str, Any]]:
    """Return the rows of a table."""
    file = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    return [row for batch in reader.open_reader(file, name) for row in batch]


@pytest.mark.parametrize("tool", TABLES)
def test_the_columns_of_a_tool_are_understood(tool: str) -> None:
    """The account, the kind, the text and the counts come from the right columns."""
    content, expected = TABLES[tool]
    rows = read(content)
    assert [tuple(row[field] for field in FIELDS) for row in rows] == [expected]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "Date,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Unfollows,Replies,Reposts,Profile visits,Create Post",
            "Overview",
        ),
        ("Date,Video Views,Profile Views,Likes,Comments,Shares", "TikTok Studio"),
        ("Post URL,Post publish date,Engagements", "LinkedIn creator analytics"),
        ("Date,Link", "LinkedIn’s list of reposts"),
    ],
)
def test_tables_without_posts_are_refused_by_name(header: str, expected: str) -> None:
    """The message says which file it is, and the advice what to upload instead."""
    row = ",".join("1" for _ in header.split(","))
    with pytest.raises(InvalidFile, match=expected) as refused:
        read(f"{header}\n{row}\n")
    assert refused.value.advice


# --- cells -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (["12.500", "1.000", "7"], [12_500, 1_000, 7]),
        (["1.250.000", "1.000"], [1_250_000, 1_000]),
        (["1.000", "2.000"], [None, None]),
        (["3.0", "12.0", "1.000"], [3, 12, None]),
        (["3.0", "4.5", "1.234"], [3, None, None]),
        (["12500", "1.000"], [12_500, None]),
        (["1,204", "1,000"], [1_204, 1_000]),
        (["3,0", "1,5", "1,000"], [3, None, None]),
        (["1,23,456", "12"], [123_456, 12]),
        (["12 500", "1\u00a0000", "3\u202f400", "5'600", "7’800"], [12_500, 1_000, 3_400, 5_600, 7_800]),
        (
            ["1.2K", "3M", "1,2 Mio.", "4 Tsd.", "1.5万", "2 mil", "1,234K", "2 Mrd."],
            [1_200, 3_000_000, 1_200_000, 4_000, 15_000, 2_000, 1_234_000, 2_000_000_000],
        ),
        (["1,204.00", "1.204,00"], [1_204, 1_204]),
        (["+3", "+1,204", "3+"], [3, 1_204, None]),
        (["12%", "-1", "n/a", "1.2 apples", "4.5", "", "1.2.3"], [None] * 7),
    ],
)
def test_counts_are_read_as_their_column_writes_them(column: list[str], expected: list[int | None]) -> None:
    """What could be read in two ways stays unknown."""
    counts = CountColumn(column)
    assert [counts.parse(value) for value in column] == expected


def test_counts_that_are_no_numbers_are_reported() -> None:
    """Missing ones aren't."""
    reading = reader.open_reader(
        io.BytesIO(b"date,text,likes\n2026-11-02,a,many\n2026-11-03,b,\n2026-11-04,c,-1\n2026-11-05,d,NA\n"), "a.csv"
    )
    assert [row["likes"] for batch in reading for row in batch] == [None] * 4
    assert "1 number can’t be read for certain and is left unknown: “many”." in reading.tally.format_warnings()


def test_unclear_counts_are_reported() -> None:
    """A notice says how many there are."""
    reading = reader.open_reader(io.BytesIO(b"date;text;likes\n2026-11-02;good;1.000\n2026-11-03;bad;2.000\n"), "a.csv")
    assert [row["likes"] for batch in reading for row in batch] == [None, None]
    assert "2 numbers can’t be read for certain, such as “1.000”, and are left unknown." in reading.tally.format_warnings()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>It&#39;s bad</p><p>No</p>", "It's bad\n\nNo"),
        ("good<br/>day &amp; night", "good\nday & night"),
        ("I &lt;3 you &amp; <b>them</b>", "I <3 you & them"),
    ],
)
def test_a_column_of_html_becomes_text(text: str, expected: str) -> None:
    """Its markup isn't counted as words."""
    assert [row["text"] for row in read(f"date,text\n2026-11-02,{text}\n")] == [expected]


def test_texts_about_html_stay_as_they_are() -> None:
    """One tag in a column of plain texts isn't markup."""
    rows = read("date,text\n2026-11-02,I like <b> tags\n2026-11-03,good\n2026-11-04,a < b\n")
    assert [row["text"] for row in rows] == ["I like <b> tags", "good", "a < b"]


def test_comparisons_are_not_tags() -> None:
    """A tag has attributes with values, or none."""
    assert [row["text"] for row in read("date,text\n2026-11-02,a<b and c>d\n")] == ["a<b and c>d"]


@pytest.mark.parametrize("written", ["<NA>", "\\N", "-1", "nan", "#N/A", "(null)", "undefined", "-"])
def test_what_programs_write_for_no_value_makes_no_reply(written: str) -> None:
    """pandas, databases and old tools each have a way of writing it."""
    assert [row["kind"] for row in read(f"date,text,in_reply_to_status_id\n2026-11-02,good,{written}\n")] == ["post"]


@pytest.mark.parametrize("written", ["'1990000000000000101", '"=""1990000000000000101"""', "x1990000000000000101"])
def test_long_ids_are_read_without_what_protects_them_from_rounding(written: str) -> None:
    """Spreadsheets and R would round a plain number."""
    assert [row["id"] for row in read(f"date,text,id\n2026-11-02,good,{written}\n")] == ["1990000000000000101"]


def test_lines_below_a_table_are_not_posts() -> None:
    """Totals have no text, date or ID."""
    reading = reader.open_reader(io.BytesIO(b"date,text,likes\n2026-11-02,good,1\n,,1\n"), "a.csv")
    assert [row["text"] for batch in reading for row in batch] == ["good"]
    assert reading.tally.reasons == ["Line 3 has no text."]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("en", "en"),
        ("English", "en"),
        ("pt_BR", "pt-BR"),
        ('["de", "en"]', "de"),
        ('c("fr")', "fr"),
        (["it"], "it"),
        ("und", None),
        ("x", None),
    ],
)
def test_languages_are_read_by_code_or_name(written: Any, expected: str | None) -> None:
    """Of several, the first one counts."""
    assert parse_language(written) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://x.com/quay/status/19", ("quay", "19")),
        ("https://x.com/i/web/status/19", ("", "19")),
        ("https://bsky.app/profile/quay.bsky.social/post/3l1", ("quay.bsky.social", "3l1")),
        ("https://mastodon.social/@quay/112233445566", ("quay", "112233445566")),
        ("https://www.threads.com/@quay/post/AbC", ("quay", "AbC")),
        ("https://example.org/status/19", ("", "")),
        (None, ("", "")),
    ],
)
def test_an_address_has_the_account_and_the_id(address: str | None, expected: tuple[str, str]) -> None:
    """Only addresses of posts do."""
    assert parse_post_address(address) == expected


def test_the_time_of_a_post_is_not_that_of_its_collection() -> None:
    """A column such as timestamp may say when the file was made."""
    rows = read("tweetDate,handle,text,timestamp\nMon Nov 02 10:00:00 +0000 2026,quay,good,2026-11-20T00:00:00Z\n")
    assert [f"{row['created_at']:%Y-%m-%d}" for row in rows] == ["2026-11-02"]


@pytest.mark.parametrize("references", ['"[<ReferencedTweet id=5 type=replied_to]"', '"[{""type"": ""replied_to"", ""id"": ""5""}]"'])
def test_references_written_as_text_reveal_replies(references: str) -> None:
    """Tables of tweepy and twarc have them."""
    rows = read(f"id,text,created_at,referenced_tweets\n19,good,2026-11-02T10:00:00Z,\n20,bad,2026-11-02T10:00:00Z,{references}\n")
    assert [row["kind"] for row in rows] == ["post", "reply"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("https://twitter.com/quay", "quay"),
        ("https://bsky.app/profile/quay.bsky.social", "quay.bsky.social"),
        ("https://x.com/quay?s=20&t=abc", "quay"),
        ("https://www.facebook.com/quay.side/?ref=page", "quay.side"),
        ("https://de.linkedin.com/company/quay-side/", "quay-side"),
        ("https://www.youtube.com/@quay", "quay"),
        ("Quay Side (@quay)", "quay"),
        ("Quay (north) (@quay)", "quay__north___@quay_"),
        ("https://mastodon.social/@quay", "quay@mastodon.social"),
        ("{'type': 'user', 'userName': 'quay', 'name': 'The Quay'}", "quay"),
        ('{"id": 7, "username": "quay"}', "quay"),
        ("@Quay", "quay"),
        ("The Quay", "the_quay"),
    ],
)
def test_authors_are_recognised_however_a_table_writes_them(written: str, expected: str) -> None:
    """snscrape writes the address of a profile, pandas an object as text."""
    quoted = '"' + written.replace('"', '""') + '"'
    assert [row["account"] for row in read(f"date,user,text\n2026-11-02,{quoted},good\n")] == [expected]


@pytest.mark.parametrize("columns", ["statuses_count", "followers_count,friends_count,statuses_count"])
def test_what_an_author_likes_is_not_how_often_a_post_was_liked(columns: str) -> None:
    """In tables of X's former API, favourites_count is a column on the author."""
    counts = ",".join("7" for _ in columns.split(","))
    rows = read(f"created_at,screen_name,text,favourites_count,{columns}\n2022-11-08 10:00:00,quay,good,9999,{counts}\n")
    assert [row["likes"] for row in rows] == [None]


@pytest.mark.parametrize(
    "header",
    [
        "Datum;Konto;Beitrag;Gefällt mir;Geteilt;Kommentare",
        "Date de publication;Compte;Texte;J’aime;Partages;Commentaires",
        "Fecha;Cuenta;Mensaje;Me gusta;Compartidos;Comentarios",
        "Data de publicação;Conta;Conteúdo;Gostos;Partilhas;Comentários",
    ],
)
def test_columns_are_recognised_in_the_languages_of_the_interface(header: str) -> None:
    """People write tables in their own language."""
    (row,) = read(f"{header}\n2026-11-02 10:00;quay;good;4;2;1\n")
    assert [row[name] for name in ("account", "text", "likes", "reposts", "replies")] == ["quay", "good", 4, 2, 1]


@pytest.mark.parametrize("written", ["FALSE ", "falsch", "FAUX", "Falso", "nein", "НЕТ"])
def test_flags_in_other_languages_make_no_reposts(written: str) -> None:
    """Spreadsheets write true and false in the language of their owner."""
    table = f"date,text,is_retweet\n2026-11-02,good,{written}\n2026-11-03,good,wahr\n"
    assert [row["kind"] for row in read(table)] == ["post", "repost"]


@pytest.mark.parametrize(("written", "expected"), [("Replies", "reply"), ("Retweets", "repost"), ("Retweet with comment", "quote")])
def test_kinds_are_recognised_by_the_words_for_them(written: str, expected: str) -> None:
    """Tools write them in singular or plural."""
    assert [row["kind"] for row in read(f"date,text,type\n2026-11-02,good,{written}\n")] == [expected]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("retweeted_status.id", "repost"),
        ("retweeted_status.created_at", "repost"),
        ("retweeted_status_text", "repost"),
        ("retweet_id", "repost"),
        ("quoted_status.id_str", "quote"),
        ("quoted_status_text", "quote"),
        ("reply_parent", "reply"),
        ("reply.parent.uri", "reply"),
    ],
)
def test_flattened_references_reveal_the_kind(column: str, expected: str) -> None:
    """json_normalize and R write each key of the other post to a column of its own."""
    lines = [f"id,created_at,username,text,{column}", "1,2026-11-02,quay,a,1.99e+18", "2,2026-11-02,quay,b,", "3,2026-11-02,quay,c,NA"]
    rows = read("\n".join(lines))
    assert [row["kind"] for row in rows] == [expected, "post", "post"]


def test_the_lines_of_linkedins_posts_have_no_quotation_marks() -> None:
    """Its export wraps each line of a text in them."""
    row = '2026-11-02 10:00:00,https://www.linkedin.com/feed/update/1,"Good line""\n""""\n""Bad line",,,MEMBER_NETWORK'
    assert read(f"Date,ShareLink,ShareCommentary,SharedUrl,MediaUrl,Visibility\n{row}\n")[0]["text"] == "Good line\n\nBad line"


def test_flattened_reposts_of_mastodon_have_the_text_of_the_original() -> None:
    """json_normalize writes it to a column of its own, as HTML."""
    rows = read(
        "id,created_at,content,account.acct,reblog.id,reblog.content\n1,2026-11-02,<p>good</p>,pier,,\n2,2026-11-03,,pier,9,<p>bad</p>\n"
    )
    assert [(row["text"], row["kind"]) for row in rows] == [("good", "post"), ("bad", "repost")]
