"""The keys for X, and what is wrong with those that can't be used. Nothing is sent here."""

from dataclasses import dataclass, field

from dashboard.core.formatting.counts import pluralize
from dashboard.core.formatting.texts import format_list

OAUTH1_SETTINGS = "API_KEY, API_SECRET_KEY, ACCESS_TOKEN and ACCESS_SECRET"


@dataclass(frozen=True)
class XCredentials:
    """The credentials for X: a bearer token, or the four keys of OAuth 1.0a. The token takes precedence."""

    bearer_token: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    api_secret_key: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    access_secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Strip the spaces and line breaks that pasted keys often have."""
        for name in self.__dataclass_fields__:
            object.__setattr__(self, name, (getattr(self, name) or "").strip())

    def describe_problem(self) -> str:
        """Return a sentence that says why these keys can't be used, with the names of the settings; "" if they look usable."""
        key_by_setting = {"X_BEARER_TOKEN": self.bearer_token} if self.bearer_token else self._oauth1_keys()
        missing = [setting for setting, key in key_by_setting.items() if not key]
        if len(missing) == len(key_by_setting):
            return f"X needs a key: X_BEARER_TOKEN, or {OAUTH1_SETTINGS} together."
        if missing:
            verb = pluralize(len(missing), "is", "are")
            all_settings, missing_settings = ", ".join(key_by_setting), format_list(missing)
            return f"X needs all four of {all_settings}; {missing_settings} {verb} missing. Alternatively, set only X_BEARER_TOKEN."
        malformed = [setting for setting, key in key_by_setting.items() if not key.isascii() or not key.isprintable() or " " in key]
        return (
            f"{format_list(malformed)} can't be an X key: it contains spaces, line breaks or characters that keys never have."
            if malformed
            else ""
        )

    def _oauth1_keys(self) -> dict[str, str]:
        return {
            "API_KEY": self.api_key,
            "API_SECRET_KEY": self.api_secret_key,
            "ACCESS_TOKEN": self.access_token,
            "ACCESS_SECRET": self.access_secret,
        }
