"""Says what a language tag in a request looks like. Which languages a model reads doesn't belong here: every language's tag is accepted."""

_TWO_LETTER_CODES = (  # ISO 639-1, with deprecated codes
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es "
    "et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it iu iw ja ji jv jw "
    "ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd ne ng "
    "nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv "
    "sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
_FIRST_LETTERS = sorted({code[0] for code in _TWO_LETTER_CODES.split()})


def _match_codes(first_letter: str) -> str:
    """Return a pattern for the two-letter codes with a first letter, in upper or lower case."""
    second_letters = "".join(code[1] for code in _TWO_LETTER_CODES.split() if code[0] == first_letter)
    return f"[{first_letter.upper()}{first_letter}][{second_letters.upper()}{second_letters}]"


_PRIMARY_TAG = "|".join([*map(_match_codes, _FIRST_LETTERS), "[A-Za-z]{3}"])
LANGUAGE_TAG_PATTERN = rf"({_PRIMARY_TAG})(-[A-Za-z0-9]{{1,8}}){{0,8}}"  # BCP 47, without private and grandfathered tags
