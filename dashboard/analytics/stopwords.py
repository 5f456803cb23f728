"""List the English stopwords: words of grammar, which say little by themselves. Nothing here splits texts into words."""

import polars as pl

_FUNCTION_WORDS = """
a about above after again all also although always am among an and another any anyone are around as at be because been before being below
between both but by can could did do does doing done down during each either else even ever every few for from further get gets getting go
goes going gone got had has have having he her here hers herself him himself his how however i if in into is it it's its itself just least
less let like made make makes many may maybe me might mine more most much must my myself now of off often on once one only onto or other
others our ours ourselves out over own perhaps put quite rather really same shall she should since so some someone soon still such than
that the their theirs them themselves then there these they thing things this those though three through thus till to too toward two under
until up upon us use used very was we well went were what when where whether which while who whom whose why will with within would yet you
your yours yourself four five six seven eight nine ten i'm i've i'd i'll we're we've we'd we'll you're you've you'd you'll they're they've
they'll he's she's that's there's what's who's let's
"""
_NEGATIONS = """
aren't can't couldn't didn't doesn't don't hadn't hasn't haven't isn't neither never no nor not shouldn't wasn't without won't wouldn't yes
"""


def is_stopword(word: pl.Expr, *, include_negations: bool = True) -> pl.Expr:
    """Return whether a lower-case word is a stopword. With `include_negations`, negations and “yes” are stopwords too."""
    words = [*_FUNCTION_WORDS.split(), *(_NEGATIONS.split() if include_negations else [])]
    return word.str.replace_all("’", "'", literal=True).is_in(words)
