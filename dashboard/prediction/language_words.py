"""The words by which a language is recognised: common ones that are spelled this way in few other languages. Data only.

English has words of feeling too, because short posts have little else. A word of both English and another language belongs to neither
foreign list. The rule that uses them is in `language_detection.py`.
"""

import re
from collections import defaultdict

ENGLISH_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
the and you your my it he this that it's i'm i've don't can't with not just what they have from about would been there will when who which
because than their is was of to for are be at we how if but i on get its we're you're isn't doesn't didn't won't aren't wasn't let's
that's here's what's these those both every everyone everything something nothing always never ever very much more most many some
any only other another all out up our us his her him she them were has had does did could should must may can by as or into over
after before again then now here where why while through during without good great best better bad worse worst nice happy sad love
loved loves hate hated like liked wonderful terrible awful amazing awesome beautiful lovely horrible fantastic excellent perfect
boring angry sorry thanks thank please congratulations congrats welcome glad today tomorrow yesterday tonight morning evening night
day days week weeks month year years time times new old first last next back people world life work working things thing news home
school water music game team story stories show watch watching read reading know think thought want need make made making look
looking see seen say said says tell told come coming came going gone take took give given find found keep feel feeling really still
even also already soon away together around too own same such long big little small right left high low free full open live help
start started stop end join support follow check win won play played buy call use used lot lots friends friend family child children
man woman men women girl boy money job city country house book books weather ferry delay train service staff customers customer
report update updates available well done wow absolutely brilliant superb ugly cheap slow crowd atmosphere totally quite definitely
finally seriously completely extremely nearly almost enough less few each either neither nor rather maybe perhaps probably hope
hoping wish enjoy enjoyed enjoying excited exciting disappointed disappointing proud poor easy hard difficult funny weird strange
crazy stupid rude friendly helpful useless broken fixed cancelled delayed late early busy quiet dangerous gorgeous stunning
outstanding delicious tasty cold rain sunny sun sunset view place boat harbour trip ride crossing bus road street company business
government president season prize event meeting tickets visit visiting waiting wait stay leave lost miss missed missing broke fail
failed failure disaster disgusting disgrace shame ridiculous brilliantly incredible impressive important special favourite favorite
wrong true false real ready sure fine yes yeah
        """,
    )
)

_FOREIGN_WORDS = {
    "de": (
        "der die das und ist nicht ich wir sie ein eine einen mit auf für auch dem den von zu zum zur aber oder wie bei nach aus sind "
        "wird haben hat noch nur schon sehr mehr dass wenn mir mich dich euch uns unser heute kein keine immer wieder gut ja nein über "
        "vom im werden kann muss diese dieser dieses gibt jetzt hier mal guten danke alle allen am tag morgen abend "
        "zusammen leider ihr ihre seine etwas nichts warum wurde unsere eure doch"
    ),
    "es": (
        "el la los las que y es en un una por con para no se lo su al del como más pero sus le ya este esta si porque muy sin sobre "
        "también me hasta hay donde quien desde todo nos durante todos uno les ni contra ese eso mi qué yo está gracias hoy día días bien "
        "siempre cuando son tiene todas buenos buenas de"
    ),
    "fr": (
        "le la les des et est un une du que qui dans pour pas sur avec ce il elle au ne se sont nous vous mais ou où par plus je tu mon "
        "ma mes ça c'est j'ai qu'il d'un d'une cette ces ses son leur tout tous très bien fait être avoir aussi comme même merci "
        "aujourd'hui bonjour n'est l'on aux suis été de en à"
    ),
    "it": (
        "il lo la gli le un una di che è e non per con del della dei delle nel nella sono ho ha si mi ti ci anche più ma se questo questa "
        "quando al alla dal dalla ai sul sulla chi cosa perché grazie oggi tutto tutti solo bene molto fa era essere io tu noi buongiorno"
    ),
    "pt": (
        "o os que e é em um uma para com não por mais dos das como mas ao ele ela seu sua ou quando muito nos já eu também só pelo pela "
        "até isso entre depois sem mesmo aos tem está foi ser você meu minha hoje obrigado obrigada bom dia gente pra tá vai nem essa "
        "esse de da na se tô quem"
    ),
    "nl": (
        "de het een en van ik te dat die niet zijn op aan met voor er maar om dan zou wat mijn dit zo door ze zich bij ook tot je mij uit "
        "der daar haar naar heb hoe heeft hebben deze nog zal u geen wordt jij wij jullie vandaag goed"
    ),
    "id": (
        "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke karena tersebut bisa ada mereka lebih sudah atau saat "
        "oleh kita kami kamu aku dia gak nggak banget aja sama apa kalo kalau lagi udah jadi nya selamat terima kasih"
    ),
    "tr": "ve bir bu da de için çok ile ne ben sen o gibi daha var yok ama kadar mi mı değil en olan olarak sonra iyi teşekkürler bugün",
    "sv": "och att det som en på är av för med den till inte har jag ett om han var vi så dig kan när nu från ska mycket tack idag",
    "da": "og det som en på er af med den til ikke har jeg et om han var vi så dig kan når nu fra skal meget tak",
    "pl": "w na nie się z do jest że jak co ale po o tak za od dla czy już tylko mnie mi być są był dziękuję dzień dobry",
    "ca": "els les amb per què és una dels al del però també més molt avui gràcies",
    "fi": "ja ei se että hän oli ovat mutta kun niin myös nyt vain kiitos hyvää",
    "tl": "ang ng sa na mga ay ko mo ka siya kung para hindi po lang naman yung salamat",
    "ro": "și în la de pe nu cu că este sunt pentru din mai ce să dar azi mulțumesc",
    "hi": (  # in Latin letters
        "hai hain nahi nahin kya kyu kyun kyunki aur bhi koi kuch aap apna apne apni raha rahi rahe gaya gayi kiya karo karna karne karke "
        "hua hota hoti mera mere meri tera tere teri uska unka iska jo kab kaise kahan agar lekin abhi phir sirf bahut yaar wala wale wali "
        "hoga bhai mujhe tum hum ye yeh woh ki ka ke ko"
    ),
    "sw": "ya wa na kwa ni katika za la cha kuwa hii hiyo sana leo asante",
}


def _invert(words_by_language: dict[str, str]) -> dict[str, tuple[str, ...]]:
    languages_by_word = defaultdict[str, list[str]](list)
    for language, words in words_by_language.items():
        for word in words.split():
            languages_by_word[word].append(language)
    return {word: tuple(languages) for word, languages in languages_by_word.items()}


LANGUAGES_BY_WORD = _invert(_FOREIGN_WORDS)

# The beginning of the Unicode names of a script's letters -> the language that it is most likely to be, if nothing else says so.
LANGUAGE_BY_SCRIPT = {
    "CYRILLIC": "ru",
    "ARABIC": "ar",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
    "HANGUL": "ko",
    "DEVANAGARI": "hi",
    "GREEK": "el",
    "HEBREW": "he",
    "THAI": "th",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "TELUGU": "te",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "KANNADA": "kn",
    "MALAYALAM": "ml",
    "SINHALA": "si",
    "ARMENIAN": "hy",
    "GEORGIAN": "ka",
    "ETHIOPIC": "am",
    "KHMER": "km",
    "MYANMAR": "my",
    "LAO": "lo",
}
