"""The tables of tools that name their columns in the language of the person: German, French, Spanish and Portuguese.

A row per tool, whose English table is in `tables.py`. In which order they write their dates isn't known, so their columns decide it.
"""

from dashboard.sources.files.shapes.shape import Shape

_PUBLISHED = (
    *("Veröffentlichungszeitpunkt", "Veröffentlichungszeit", "Zeitpunkt der Veröffentlichung", "Heure de publication"),
    *("Hora de publicación", "Horário de publicação", "Hora de publicação"),
)
_VIDEO_TITLES = (*("Videotitel", "Titel des Videos", "Titre de la vidéo", "Título del vídeo", "Título del video", "Título do vídeo"),)
_VIDEO_PUBLISHED = (
    *("Veröffentlichungszeitpunkt des Videos", "Veröffentlichungszeit des Videos", "Video veröffentlicht um"),
    *("Heure de publication de la vidéo", "Hora de publicación del vídeo", "Hora de publicación del video"),
    *("Horário de publicação do vídeo", "Hora de publicação do vídeo"),
)
_LIKES = ("Gefällt-mir-Angaben", "Gefällt mir", "Mag ich", "J’aime", "Mentions J’aime", "Me gusta", "Curtidas", "Gostos", "Likes")
_SHARES = (
    *("Geteilte Inhalte", "Geteilt", "Mal geteilt", "Partages", "Veces que se compartió", "Veces compartido", "Compartidos"),
    *("Compartilhamentos", "Partilhas", "Shares"),
)
_COMMENTS = ("Kommentare", "Hinzugefügte Kommentare", "Commentaires", "Commentaires ajoutés", "Comentarios", "Comentários")
_VIEWS = ("Aufrufe", "Vues", "Visualizaciones", "Visualizações", "Impressionen", "Impressions", "Impresiones", "Impressões")

LOCAL_TABLE_SHAPES = (
    Shape(
        name="meta-business-suite-local",
        title="Meta Business Suite, in other languages",
        source="Meta Business Suite → Insights → Content → Export, in German, French, Spanish or Portuguese",
        keys=(
            "|".join(_PUBLISHED),
            "Permalink|Permanenter Link|Permalien|Lien permanent|Enlace permanente|Link permanente",
            "Beschreibung|Description|Descripción|Descrição",
        ),
        fields={
            "id": (
                *("Beitrags-ID", "Identifiant de publication", "Identifiant de la publication", "Identificador de la publicación"),
                *("Identificação do post", "ID de publication", "ID de la publicación", "ID do post", "ID da publicação"),
            ),
            "created_at": _PUBLISHED,
            "text": ("Beschreibung", "Description", "Descripción", "Descrição", "Titel", "Titre", "Título"),
            "account": (
                *("Benutzername des Kontos", "Konto-Benutzername", "Nom d’utilisateur du compte", "Nombre de usuario de la cuenta"),
                *("Nome de usuário da conta", "Nome de utilizador da conta", "Seitenname", "Name der Seite", "Nom de la Page"),
                *("Nombre de la página", "Nome da Página", "Kontoname", "Nom du compte", "Nombre de la cuenta", "Nome da conta"),
            ),
            "url": ("Permalink", "Permanenter Link", "Permalien", "Lien permanent", "Enlace permanente", "Link permanente"),
            "likes": ("Reaktionen", "Réactions", "Reacciones", "Reações", *_LIKES),
            "reposts": _SHARES,
            "replies": _COMMENTS,
            "views": _VIEWS,
            "lang": (),
            "hour": (),
            "repost": (),
        },
    ),
    Shape(
        name="youtube-studio-local",
        title="YouTube Studio, Content, in other languages",
        source="YouTube Studio → Analytics → Advanced mode → Content → Export, in German, French, Spanish or Portuguese",
        keys=("|".join(_VIDEO_TITLES), "|".join(_VIDEO_PUBLISHED)),
        fields={
            "id": ("Inhalte", "Inhalt", "Contenu", "Contenido", "Conteúdo"),
            "created_at": _VIDEO_PUBLISHED,
            "text": _VIDEO_TITLES,
            "likes": (*_LIKES, "Mentions J’aime (vidéo)", "„Mag ich“-Bewertungen", "Marcações Gostei", 'Marcações "Gostei"'),
            "reposts": _SHARES,
            "replies": (*_COMMENTS, "Comentarios añadidos", "Comentários adicionados"),
            "views": _VIEWS,
            "hour": (),
        },
    ),
    Shape(
        name="tiktok-studio-local",
        title="TikTok Studio, Content, in other languages",
        source="TikTok Studio → Analytics → Content → Download data, in German, French, Spanish or Portuguese",
        keys=(
            "|".join(_VIDEO_TITLES),
            "Videolink|Video-Link|Link zum Video|Lien de la vidéo|Lien vidéo|Enlace del vídeo|Enlace del video|Link do vídeo",
            "|".join((*_PUBLISHED, "Beitragszeit", "Postzeit", "Horário da postagem", "Horário do post")),
        ),
        fields={
            "created_at": (*_PUBLISHED, "Beitragszeit", "Postzeit", "Horário da postagem", "Horário do post"),
            "text": _VIDEO_TITLES,
            "url": (
                *("Videolink", "Video-Link", "Link zum Video", "Lien de la vidéo", "Lien vidéo", "Enlace del vídeo", "Enlace del video"),
                "Link do vídeo",
            ),
            "likes": ("Likes insgesamt", "Total des J’aime", "Total de Me gusta", "Total de curtidas", *_LIKES),
            "reposts": ("Shares insgesamt", "Total des partages", "Total de veces compartido", "Total de compartilhamentos", *_SHARES),
            "replies": ("Kommentare insgesamt", "Total des commentaires", "Total de comentarios", "Total de comentários", *_COMMENTS),
            "views": ("Aufrufe insgesamt", "Total des vues", "Total de visualizaciones", "Total de visualizações", *_VIEWS),
            "hour": (),
        },
    ),
    Shape(
        name="linkedin-page-local",
        title="LinkedIn page analytics, All posts, in other languages",
        source="LinkedIn → your page → Analytics → Content → Export, in German, French, Spanish or Portuguese, saved as .xlsx",
        keys=(
            "Beitragstitel|Titel des Beitrags|Titre du post|Titre de la publication|Título de la publicación|Título da publicação",
            "Beitragslink|Link zum Beitrag|Lien du post|Lien de la publication|Enlace de la publicación|Link da publicação",
            "Erstellungsdatum|Erstellt am|Date de création|Fecha de creación|Data de criação|Data da criação",
        ),
        fields={
            "created_at": (
                "Erstellungsdatum",
                "Erstellt am",
                "Date de création",
                "Fecha de creación",
                "Data de criação",
                "Data da criação",
            ),
            "text": (
                *("Beitragstitel", "Titel des Beitrags", "Titre du post", "Titre de la publication"),
                *("Título de la publicación", "Título da publicação"),
            ),
            "account": (),
            "url": (
                *("Beitragslink", "Link zum Beitrag", "Lien du post", "Lien de la publication"),
                *("Enlace de la publicación", "Link da publicação"),
            ),
            "likes": (*_LIKES, "Recomendaciones", "Reaktionen", "Réactions", "Reacciones", "Reações", "Gostaram"),
            "reposts": ("Reposts", "Republications", "Geteilte Beiträge", *_SHARES),
            "replies": _COMMENTS,
            "views": ("Impressionen", "Impressions", "Impresiones", "Impressões"),
            "hour": (),
            "repost": (),
        },
    ),
    Shape(
        name="sprout-local",
        title="Sprout Social, Post performance, in other languages",
        source="Sprout Social → Reports → Post performance → Export, in German, French, Spanish or Portuguese",
        keys=("Datum|Date|Fecha|Data", "Netzwerk|Réseau|Red|Rede", "Profil|Perfil", "Beitrag|Publication|Publicación|Publicação"),
        fields={
            "created_at": ("Datum", "Date", "Fecha", "Data"),
            "text": ("Beitrag", "Publication", "Publicación", "Publicação"),
            "account": ("Profil", "Perfil"),
            "url": ("Link", "Lien", "Enlace"),
            "kind_word": ("Beitragstyp", "Type de publication", "Tipo de publicación", "Tipo de publicação"),
            "likes": (*_LIKES, "Reaktionen", "Réactions", "Reacciones", "Reações"),
            "reposts": _SHARES,
            "replies": _COMMENTS,
            "views": ("Impressionen", "Impressions", "Impresiones", "Impressões"),
            "repost": (),
        },
    ),
)
