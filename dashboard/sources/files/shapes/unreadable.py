"""Files that people try and that have no posts in them, or no texts or dates: a row per kind, with what to upload instead."""

from dashboard.sources.files.shapes.shape import Shape

UNREADABLE_SHAPES = (
    Shape(
        name="x-overview",
        title="X analytics, Overview",
        source="X → Premium → Analytics → Overview",
        keys=("Date", "Impressions", "Engagements", "Profile visits", "Create Post|Unfollows|Video views"),
        refusal="It has totals per day, and no posts.",
        advice="In X's analytics, open “Content” and download the list of posts (account_analytics_content_….csv).",
    ),
    Shape(
        name="tiktok-overview",
        title="TikTok Studio, Overview",
        source="TikTok Studio → Analytics → Overview",
        keys=("Date", "Video Views", "Profile Views", "Likes", "Comments", "Shares"),
        refusal="It has totals per day, and no posts.",
        advice="In TikTok Studio, open Analytics → Content and download that list, or request your data as JSON.",
    ),
    Shape(
        name="linkedin-metrics",
        title="LinkedIn page analytics, Metrics",
        source="LinkedIn → your page → Analytics → Content → Export",
        keys=("Date", "Impressions (organic)|Impressions (total)", "Clicks (organic)|Clicks (total)"),
        refusal="It has totals per day, and no posts.",
        advice="Upload the sheet “All posts” of the same export, saved as .xlsx or CSV.",
    ),
    Shape(
        name="linkedin-top-posts",
        title="LinkedIn creator analytics, Top posts",
        source="LinkedIn → Analytics → Post impressions → Export",
        keys=("Post URL", "Post publish date", "Engagements|Impressions"),
        refusal="It has links and numbers, but not the texts of the posts.",
        advice="Request a copy of your data from LinkedIn, and upload the file Shares.csv in it.",
    ),
    Shape(
        name="linkedin-zeeschuimer",
        title="LinkedIn items collected by Zeeschuimer",
        source="Zeeschuimer",
        keys=("commentary|resharedUpdate", "actor", "updateMetadata|socialDetail|metadata"),
        refusal="LinkedIn shows only how long ago a post was published, so its items have no dates.",
        advice="Request a copy of your data from LinkedIn, and upload the file Shares.csv in it.",
    ),
    Shape(
        name="linkedin-reposts",
        title="LinkedIn's list of reposts",
        source="LinkedIn → Settings → Data privacy → Get a copy of your data: InstantReposts.csv",
        keys=("Date", "Link"),
        is_exact=True,
        refusal="It has dates and links, but no texts.",
        advice="Upload the file Shares.csv of the same archive.",
    ),
    Shape(
        name="instagram-activity",
        title="Instagram's comments, likes or connections",
        source="Instagram → Accounts Center → Export your information",
        keys=("string_map_data|string_list_data",),
        refusal="It has no posts.",
        advice="Upload posts_1.json from the same export, or the whole zip.",
    ),
    Shape(
        name="mastodon-actor",
        title="Mastodon's profile",
        source="Mastodon → Preferences → Import and export: actor.json",
        keys=("@context", "outbox", "preferredUsername"),
        refusal="It describes the account, and has no posts.",
        advice="Upload outbox.json from the same archive.",
    ),
    Shape(
        name="x-followers",
        title="A list of accounts",
        source="twitter-web-exporter, minet, twarc and others",
        keys=("followers_count", "friends_count|following_count", "screen_name|username", "statuses_count|tweet_count|description"),
        refusal="It lists accounts, and no posts.",
        advice="Export the posts of these accounts with the same tool.",
    ),
)
