"""List the stopwords of English and of the other languages that a model reads: words of grammar, which say little by themselves.

A word that means something in English, such as the German “die”, is one only where a text is known to be of that language. Nothing here
splits texts into words.
"""

from functools import cache

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
rt
"""
_NEGATIONS = """
aren't can't couldn't didn't doesn't don't hadn't hasn't haven't isn't neither never no nor not shouldn't wasn't without won't wouldn't yes
"""
# Arabic, German, French, Indonesian, Italian, Portuguese and Spanish, negations and “yes” included
_FOREIGN_FUNCTION_WORDS = {
    "ar": """
في من على إلى عن مع هذا هذه ذلك التي الذي ما لا لم لن أن إن كان كانت هو هي هم أنا نحن أنت كل بعد قبل حتى أو ثم قد كما بين عند يا ولا
وما وهو
ليس ليست نعم
""",
    "de": """
aber alle allem allen aller alles als auch auf aus bei beim bin bis bist da dabei damit dann dar daran darauf darin das dass davon dazu
dein deine dem denn der des dich dir doch dort du durch ein eine einem einen einer eines er es etwas euch euer eure für gegen gibt habe
haben hatte hatten hier ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im immer ins ist ja jede jedem jeden jeder jedes jetzt kann
können könnte mal mehr mein meine mich mir mit muss müssen nach noch nun nur ob oder ohne schon sehr sein seine seinem seinen seiner
seit selbst sich sie sind soll sollen über um und uns unser unsere unserem unseren unserer unter vom von vor waren weil wenn werden wie
wieder wird wir wo wollen wurde wurden während zu zum zur zwischen
am an hat die in man nicht so war was will nein nie kein keine keinem keinen keiner keines
viel viele vielem vielen vieler warum welche welchem welchen welcher welches
wem wen wer
""",
    "fr": """
ai au aux avec avoir avait beaucoup bien c'est car ce ceci cela ces cet cette ceux chez comme d'un d'une dans de depuis des deux donc
du elle elles en encore est et être eu été eux fait faire il ils j'ai je jusque la le les leur leurs lui là ma mais mes moi mon même
n'est nos notre nous on ont ou où par parce pendant peu peut plus pour pourquoi qu'il qu'on quand que quel quelle quelques qui quoi
qu'elle s'est sa se ses si sien son sont sous sur ta te tes toi ton tous tout toute toutes trop très tu un une vos votre vous y à ça
était étaient
aucun aucune jamais ne ni non oui pas rien sans
""",
    "id": """
aan ada adalah agar aja akan aku anda atau bagi bahwa banget banyak bisa buat dalam dan dapat dari dengan di dia dong gue hal hanya
harus ini itu jadi jika juga kalau kalo kami kamu karena ke kepada kita lagi lah lebih maka mana masih mau mereka nya oleh pada para
pun saat saja sama sampai sangat satu saya sebagai secara sedang semua seperti serta si sih sini sudah supaya tapi telah tersebut
tetapi udah untuk yaitu yang
belum bukan enggak ga gak jangan ngga nggak tak tidak ya
""",
    "it": """
agli alla alle allo anche ancora avere aveva c'è che chi ci cioè col come con cosa così cui da dagli dai dal dalla dalle degli dei del
della delle dello di dopo dove e ed era erano essere fra gli ha hai hanno ho il io l'ho lei li lo loro lui mentre mi mia miei mio molto
nei nel nella nelle noi nostra nostro o ogni per perché però più poi prima può qua qualche quando quanto quella quelle quelli quello
questa queste questi questo qui quindi sarà se sei sempre sia siamo siete sono sta su sua sue sugli sui sul sulla suo suoi tra tua tue
tuo tutta tutte tutti tutto un' una uno va vi voi è
mai nessun nessuna nessuno niente no non nulla senza sì
""",
    "pt": """
ainda ao aos aquela aquele aqui as assim até cada com como da das de dela dele deles depois desde dessa desse desta deste do dos e ela
elas ele eles em entre essa esse esta estamos estar estava este está estão eu foi foram há isso isto já lhe mais mas me meu minha muito
na nas nem no nos nossa nosso nossos não nós num numa o os ou para pela pelas pelo pelos por porque pra pro qual quando que quem se sem
ser será seu seus sobre sua suas são só também te tem tinha toda todas todo todos tudo tá um uma umas uns vai vamos você vocês à às é
jamais muita muitas muitos nada nenhum nenhuma nunca sim
""",
    "es": """
al algo alguien algunos ante antes aquí así aun aunque bajo cada casi como contra cual cuando cuándo de del desde donde dos durante él
el ella ellas ellos en entonces entre era eran eres es esa esas ese eso esos esta estaba estamos estar estas este esto estos estoy está
están fue fueron ha había hace hacia han hasta hay la las le les lo los me mi mis mucho muy más nada ni nos nosotros nuestra nuestro o
os otra otro para pero poco por porque pues que quien qué se sea según ser si sido siempre siendo sin sobre solo son su sus sí también
tan tanto te ti tiene tienen toda todas todo todos tu tus un una unas uno unos usted va vamos van vosotros y ya yo
jamás muchas muchos nadie ningún ninguna ninguno no nunca
""",
}
_ENGLISH_AFTER_ALL = (  # which mean something in English or a third language, too: they are stopwords only in texts of that language
    "am an come con die dos era hat in mai man nada no non pas peu pro sea sim sin so solo son sole sous sui tan te ton van war was will"
)


def is_stopword(word: pl.Expr, *, language: pl.Expr | None = None, include_negations: bool = True) -> pl.Expr:
    """Return whether a lower-case word is a stopword, in a text of any language or of `language` (a code of ISO 639).

    With `include_negations`, negations and “yes” of English are stopwords too.
    """
    plain_word = word.str.replace_all("’", "'", literal=True)
    is_any = plain_word.is_in(_list_stopwords(include_negations=include_negations).implode())
    if language is None:
        return is_any
    in_language = [
        (language == code) & plain_word.is_in(pl.Series(words.split()).implode()) for code, words in _FOREIGN_FUNCTION_WORDS.items()
    ]
    return pl.any_horizontal(is_any, *in_language)


@cache
def _list_stopwords(*, include_negations: bool) -> pl.Series:
    foreign_words = {word for words in _FOREIGN_FUNCTION_WORDS.values() for word in words.split()} - set(_ENGLISH_AFTER_ALL.split())
    return pl.Series([*_FUNCTION_WORDS.split(), *(_NEGATIONS.split() if include_negations else []), *sorted(foreign_words)])
