"""The languages that the multilingual model reads, and the words with which each negates. Data only."""

import re

from dashboard.prediction.classifier.tokenizer import NEGATORS as ENGLISH_NEGATORS

LANGUAGES = ("ar", "de", "es", "fr", "id", "it", "pt")  # in the order of the model's arrays
READ_AS = {"apc": "ar", "arz": "ar", "ms": "id"}  # Levantine and Egyptian Arabic, and Malay, which the training data have too
LANGUAGE_NAMES = {
    "ar": "Arabic",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "id": "Indonesian",
    "it": "Italian",
    "pt": "Portuguese",
}
TRAINING_LANGUAGES = ("en", *LANGUAGES)  # English posts help to train the model, but it isn't used for them

_NEGATORS = {  # folded: lower case, without accents and Arabic vowel signs
    "ar": "لا لم لن ليس ليست لست لسنا مش مو ما ماهو مهو مافي مافيش مفيش بدون غير بلا محدش عمر ولا ولم ولن وليس",
    "de": "nicht nich ned net kein keine keinen keinem keiner keines keins nie niemals nichts nix niemand weder ohne kaum nirgends",
    "es": "no nunca jamas ni sin nada nadie ningun ninguna ninguno tampoco apenas",
    "fr": "ne n pas jamais rien aucun aucune personne ni sans nul nulle non pa guere",
    "id": "tidak tdk tak gak ga nggak ngga enggak engga gk ngk bukan bkn belum blm jangan jgn tanpa kurang tiada ndak kagak",
    "it": "non mai nessuno nessuna nessun niente nulla ne senza mica nn neanche nemmeno neppure",
    "pt": "nao n nunca jamais nem sem nada ninguem nenhum nenhuma tampouco num naum nd",
}
NEGATORS = {language: frozenset(words.split()) for language, words in _NEGATORS.items()} | {"en": ENGLISH_NEGATORS}
_CONTRASTS = {
    "ar": "لكن ولكن بل",
    "de": "aber sondern doch",
    "en": "but however though although",
    "es": "pero sino aunque",
    "fr": "mais pourtant",
    "id": "tapi tetapi namun",
    "it": "ma pero invece",
    "pt": "mas porem",
}
CONTRASTS = {language: frozenset(words.split()) for language, words in _CONTRASTS.items()}  # words that end a negation
ELIDED_NEGATOR = re.compile(r"n'\w")  # French n'est, n'a
