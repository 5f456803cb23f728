"""The usual names of columns of tables in German, French, Spanish and Portuguese; English ones are in `column_names.py`.

As there: best first, without regard to case, spaces and underscores. Words that mean something else in English are left out, such as the
Portuguese “data”. No code belongs here.
"""

LOCAL_NAMES_BY_FIELD: dict[str, tuple[str, ...]] = {
    "created_at": (
        *(
            "datum",
            "datum und uhrzeit",
            "zeitpunkt",
            "zeitstempel",
            "veröffentlicht am",
            "veröffentlichungsdatum",
            "erstellt am",
            "gepostet am",
        ),
        *("date de publication", "date et heure", "publié le", "date du post"),
        *("fecha", "fecha y hora", "fecha de publicación", "publicado el"),
        *("data de publicação", "data e hora", "data da publicação", "publicado em", "data do post"),
    ),
    "text": (
        *("beitrag", "inhalt", "nachricht", "beitragstext", "texte", "contenu", "texte du post", "texto", "contenido", "mensaje"),
        *("conteúdo", "mensagem", "publicação", "texto da publicação"),
    ),
    "account": (
        *("konto", "kontoname", "benutzername", "nutzername", "profilname", "kanal", "verfasser", "compte", "nom du compte", "auteur"),
        *(
            "nom d'utilisateur",
            "cuenta",
            "nombre de usuario",
            "usuario",
            "autor",
            "conta",
            "nome da conta",
            "nome de utilizador",
            "usuário",
        ),
    ),
    "likes": (
        *("gefällt mir", "gefällt-mir-angaben", "anzahl likes", "j'aime", "j’aime", "mentions j'aime", "mentions j’aime", "me gusta"),
        *("número de me gusta", "gostos", "curtidas"),
    ),
    "reposts": (
        "geteilt",
        "geteilte inhalte",
        "anzahl retweets",
        "partages",
        "compartidos",
        "veces compartido",
        "partilhas",
        "compartilhamentos",
    ),
    "replies": (*("kommentare", "antworten", "commentaires", "réponses", "comentarios", "respuestas", "comentários", "respostas"),),
    "views": ("impressionen", "aufrufe", "vues", "impresiones", "visualizaciones", "impressões", "visualizações"),
    "hour": ("uhrzeit", "zeit", "stunde", "heure", "hora", "horário", "ora", "ore"),
    "lang": ("sprache", "langue", "idioma", "língua"),
}
