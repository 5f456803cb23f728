"""The names of months and weekdays in 27 languages, to read dates that spreadsheets write in them. Formats belong in `grammar.py`.

The names are those of the CLDR; a test compares them with the package Babel, which is too large for the image. A name that means different
months in two languages, such as “listopad”, isn't here, nor are English names.
"""

import re
import unicodedata
from collections.abc import Mapping

_ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NAMES_BY_MONTH = (
    (
        "ene enero gen gener gennaio ian ianuarie jaan jaanuar jan janeiro januar januari január januára janv janvier janvāris led "
        "leden ledna oca ocak saus sausio sausis sij siječanj siječnja sty styczeń stycznia tammi tammikuu tammikuuta ιαν "
        "ιανουάριοσ ιανουαρίου січ січень січня янв январь января яну януари"
    ),
    (
        "feb febbraio febr febrer febrero februar februari februarie február februára februāris fev fevereiro févr février helmi "
        "helmikuu helmikuuta lut lutego luty vas vasario vasaris veebr veebruar velj veljača veljače úno únor února şub şubat φεβ "
        "φεβρουάριοσ φεβρουαρίου лют лютий лютого фев февр февраль февраля февруари"
    ),
    (
        "bře březen března kov kovas kovo maalis maaliskuu maaliskuuta maart mar marca marec maret mars mart martie marts marzec "
        "marzo març março mrt márc március mär märts märz ožu ožujak ožujka μάρ μάρτιοσ μαρ μαρτίου бер березень березня мар март "
        "марта"
    ),
    (
        "abr abril apr april aprile aprilie aprill apríl apríla aprīlis avr avril bal balandis balandžio dub duben dubna huhti "
        "huhtikuu huhtikuuta kwi kwiecień kwietnia nis nisan tra travanj travnja ápr április απρ απρίλιοσ απριλίου апр апрель "
        "апреля април квіт квітень квітня"
    ),
    (
        "geg gegužė gegužės kvě květen května mag maggio mai maig maijs maio maj maja may mayo mayıs mei máj mája május svi svibanj "
        "svibnja touko toukokuu toukokuuta μάι μάιοσ μαΐ μαΐου май мая трав травень травня"
    ),
    (
        "birž birželio birželis cze czerwca czerwiec giu giugno haz haziran iun iunie juin jun junho juni junij junio juny juuni "
        "jún júna június jūn jūnijs kesä kesäkuu kesäkuuta lipanj lipnja červen června čvn ιουν ιουνίου ιούν ιούνιοσ июн июнь июня "
        "черв червень червня юни"
    ),
    (
        "heinä heinäkuu heinäkuuta iul iulie juil juillet jul julho juli julij julio juliol juuli júl júla július jūl jūlijs liep "
        "liepa liepos lipca lipiec lug luglio srpanj srpnja tem temmuz července červenec čvc ιουλ ιουλίου ιούλ ιούλιοσ июл июль "
        "июля лип липень липня юли"
    ),
    (
        "ago agost agosto agu agustus août aug august augusta augusti augusts augustus augusztus avg avgust ağu ağustos elo elokuu "
        "elokuuta kol kolovoz kolovoza rugp rugpjūtis rugpjūčio sie sierpień sierpnia srpen srpna αυγ αυγούστου αύγ αύγουστοσ авг "
        "август августа серп серпень серпня"
    ),
    (
        "eyl eylül rugs rugsėjis rugsėjo ruj rujan rujna sep sept september septembra septembre septembrie septembris septiembre "
        "set setembre setembro settembre syys syyskuu syyskuuta szept szeptember wrz wrzesień września zář září σεπ σεπτέμβριοσ "
        "σεπτεμβρίου вер вересень вересня сент сентябрь сентября сеп септември"
    ),
    (
        "eki ekim loka lokakuu lokakuuta oct octobre octombrie octubre okt oktober oktobris oktoober október októbra ott ottobre "
        "out outubro paź październik października spal spalio spalis říj říjen října οκτ οκτωβρίου οκτώβριοσ жовт жовтень жовтня "
        "окт октомври октябрь октября"
    ),
    (
        "kas kasım lapkr lapkritis lapkričio listopadu marras marraskuu marraskuuta noiembrie nov november novembra novembre "
        "novembris novembro noviembre stu studeni studenoga νοέ νοέμβριοσ νοε νοεμβρίου лист листопад листопада ное ноември нояб "
        "ноябрь ноября"
    ),
    (
        "ara aralık dec december decembra decembrie decembris des desember desembre dets detsember dez dezember dezembro dic "
        "dicembre diciembre déc décembre gru grudnia grudzień gruod gruodis gruodžio joulu joulukuu joulukuuta pro prosinac "
        "prosinca prosince prosinec δεκ δεκέμβριοσ δεκεμβρίου груд грудень грудня дек декабрь декабря декември"
    ),
)
_WEEKDAY_NAMES = (
    "an antradienis ceturtd ceturtdiena cmt cs csütörtök cum cuma cumartesi czw czwartek dc dg di dienstag dijous dilluns dim "
    "dimanche dimarts dimecres dinsdag dissabte diumenge divendres dj dl do dom domenica domingo donderdag donnerstag ds dt dum "
    "duminică dv esmaspäev fr fre fredag freitag gio giovedì hétfő jeu jeudi joi jue jueves jum jumat kam kamis ke kedd "
    "keskiviikko keskiviikkona ketvirtadienis kolmapäev kt la lauantai lauantaina laupäev lun lundi lunedì lunes luni lör "
    "lördag lør lørdag ma maanantai maanantaina maandag man mandag mardi martedì martes marți mer mercoledì mercredi mi mie "
    "miercuri min minggu mittwoch mié miércoles mo montag mån måndag ne ned nedelja nedeľa nedjelja neděle neljapäev niedz "
    "niedziela ons onsdag otrd otrdiena paz pazar pazartesi pe penktadienis per perjantai perjantaina perşembe pet petak petek "
    "pi piatok piektd piektdiena pirmadienis pirmd pirmdiena piątek pn po pon pondelok pondělí ponedeljek ponedjeljak "
    "poniedziałek pr pt pzt pá pátek péntek pühapäev qua qui rab rabu reede sa sab sabato sabtu sal salı sam samedi samstag seg "
    "sekmadienis sel selasa sen senin sestd sestdiena sex sk so sob sobota sonntag sre sreda sri srijeda st streda středa su "
    "sub subota sunnuntai sunnuntaina svētd svētdiena sze szerda szo szombat sáb sábado sâm sâmbătă sön söndag søn søndag "
    "teisipäev ter ti tiistai tiistaina tir tirs tirsdag tis tisdag to tor torek tors torsdag torstai torstaina tr trečiadienis "
    "trešd trešdiena ut uto utorak utorok vasárnap ven vendredi venerdì vie viernes vin vineri vr vrijdag wo woensdag wt wtorek "
    "za zaterdag zo zondag çar çarşamba út úterý čet četrtek četvrtak čt čtvrtek śr środa šeštadienis št štvrtok δευ δευτέρα "
    "κυρ κυριακή πέμ πέμπτη παρ παρασκευή σάβ σάββατο τετ τετάρτη τρί τρίτη воскресенье вс вт вторник вівторок нд неделя неділя "
    "пʼятниця петък пн понеделник понедельник понеділок пт пятница сб середа ср среда сряда суббота субота събота четвер "
    "четверг четвъртък чт "
)
_CONNECTORS = "a alle am an de del den di klo kl la las o om ora ore um uhr ve à às в г года о р року"
_MONTH_BY_NAME: Mapping[str, str] = {
    name: month for month, names in zip(_ENGLISH_MONTHS, _NAMES_BY_MONTH, strict=True) for name in names.split()
}
_SILENT_WORDS = frozenset(f"{_WEEKDAY_NAMES} {_CONNECTORS}".split())
_NUMERIC_DATE = re.compile(r"\d([./-]) ?\d{1,2}\1 ?\d", re.ASCII)
_FRENCH_FIRST = re.compile(r"\b1er ")
_HALF_DAY = r"(?<=\d)(?<!\d{4}) ?[AaPp]\.? ?[Mm]\b\.?"  # after a time of day, “am” and “a. m.” aren't German and Spanish words
_WORD = re.compile(rf"(?P<half_day>{_HALF_DAY})|[^\W\d_]+\.?")


def translate_names(text: str) -> str | None:
    """Return a written date with its month in English, and without weekdays and words such as “um”.

    None if it has neither a foreign month nor, beside a date in numbers, such words.
    """
    names = [_fold(match[0]) for match in _WORD.finditer(text)]
    months = sum(name in _MONTH_BY_NAME for name in names)
    is_foreign = months == 1 or (not months and not _SILENT_WORDS.isdisjoint(names) and _NUMERIC_DATE.search(text) is not None)
    return _WORD.sub(_translate_word, _FRENCH_FIRST.sub("1 ", text)) if is_foreign else None


def _translate_word(match: re.Match[str]) -> str:
    name = _fold(match[0])
    return match[0] if match["half_day"] else "" if name in _SILENT_WORDS else _MONTH_BY_NAME.get(name, match[0])


def _fold(word: str) -> str:
    return unicodedata.normalize("NFC", word.casefold()).replace("\u0307", "").rstrip(".")
