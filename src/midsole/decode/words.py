"""What apps call sports, in the languages they write: words of a type, and titles they make up themselves."""

import re
import unicodedata

from midsole.domain.activity import ON_FEET

WORDS = {
    "running": """
        run running runs runner jog jogging footing trailrunning parkrun canicross lauf laufen laufeinheit
        dauerlauf waldlauf joggen correr carrera corrida corsa hardlopen lopning loping lop lob juoksu bieg
        bieganie beh futas kosu alergare trcanje бег пробежка біг ランニング ラン 跑步 慢跑 달리기 러닝
        hkworkoutactivitytyperunning hardloopsessie traillauf забег lari トレイルラン
    """,
    "walking": """
        walk walking walks racewalking spaziergang gehen caminar caminata caminhada camminata marche wandelen
        promenad spacer ходьба ウォーキング 步行 걷기 hkworkoutactivitytypewalking nordic wandeling
    """,
    "hiking": """
        hike hiking hikes wandern wanderung senderismo randonnee escursionismo trekking поход ハイキング
        徒步 hkworkoutactivitytypehiking mountaineering escursione wedrowka wandeltocht
    """,
    "cycling": """
        ride riding rides cycling bike biking bicycle bicycling cyclocross virtualride ebike ebiking cycle
        mtb bmx radfahren radfahrt rad fahrrad rennrad mountainbike velomobile velo vtt ciclismo bicicleta
        bici pedalada fietsen sykkel cykling kolarstwo rower велосипед велозаезд サイクリング ライド 骑行
        자전거 hkworkoutactivitytypecycling spinning handcycle fietsrit fietstocht jazda pedalata
    """,
    "swimming": """
        swim swimming swims schwimmen natacion natacao natation nage nuoto zwemmen simning plavani
        плавание スイミング 游泳 수영 hkworkoutactivitytypeswimming plywanie スイム
    """,
    "other": """
        yoga pilates strength weight weightlifting hiit crossfit crosstraining cardio elliptical rowing
        kayaking kayak canoeing canoe ski skiing snowboard snowboarding skate skating skateboarding soccer
        football basketball volleyball badminton squash tennis golf golfing climbing bouldering surfing
        sail sailing dancing boxing driving motorcycling motorcycle car flying wheelchair horseback stairs
        stepper snowshoe snowshoeing paddling paddleboarding sup kitesurf kitesurfing windsurf windsurfing
        rollerski
    """,
}
"""Without accents. A type with words of two sports ("run, walk") says none of them."""
SPORT_OF_WORD = {word: sport for sport, words in WORDS.items() for word in words.split()}
STRAVA_NUMBERS = {"1": "cycling", "4": "hiking", "9": "running", "10": "walking", "16": "swimming"}
"""Strava numbers its sports in the order of its old menu (observed in its GPX exports, 2015-2024)."""
PHRASES = {
    "course a pied": "run",
    "a pied": "run",
    "marche a pied": "walk",
    "on foot": "walk",
    "horseback riding": "horseback",
    "horse riding": "horseback",
    "a velo": "bike",
}
STRONGER = ("other", "cycling", "swimming")
"""Running on wheels is not running: these decide over words that only say on foot ("trekking bike")."""
SURFACE_OF_WORD = {
    "trail": "trail",
    "trailrun": "trail",
    "trailrunning": "trail",
    **dict.fromkeys(("traillauf", "trilha", "sentiero", "terenowy", "montana", "トレイルラン"), "trail"),
    "treadmill": "treadmill",
    "laufband": "treadmill",
    "indoor": "treadmill",
    "track": "track",
    **dict.fromkeys(("virtual", "virtueller", "virtuelle", "virtuale", "virtueel"), "virtual"),
    "road": "road",
    "street": "road",
}
MADE_UP_WORDS = """
    morning afternoon evening night lunch midday noon early late outdoor indoor activity workout session
    training am pm a p m at on the in de da do du la le les el en dans l im der den des por pela pelo i
    om pa op sortie monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun
    montag dienstag mittwoch donnerstag freitag samstag sonntag lunes martes miercoles jueves viernes
    sabado domingo segunda terca quarta quinta sexta feira lundi mardi mercredi jeudi vendredi samedi
    dimanche lunedi martedi mercoledi giovedi venerdi domenica maandag dinsdag woensdag donderdag
    vrijdag zaterdag zondag morgen vormittag mittag nachmittag abend nacht morgens mittags abends nachts
    manana tarde noche mediodia matin matinale apres midi soir soiree nuit matutina matinal manha
    vespertina vespertino noturna noturno noite almoco mattutina mattina pomeridiana pomeriggio serale
    sera notturna pranzo ochtend middag avond jan feb mar apr may jun jul aug sep oct nov dec january
    february march april june july august september october november december
"""
MADE_UP = frozenset(MADE_UP_WORDS.split())
"""Words that the titles are made of which apps write by themselves: when, and that it was an activity."""
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
WORD = re.compile(r"[^\W\d_]+")


def sport_and_surface(kind: str) -> tuple[str, str]:
    """Return what the type in a file means; ("unknown", "unknown") where it says nothing certain."""
    if kind.strip() in STRAVA_NUMBERS:
        return STRAVA_NUMBERS[kind.strip()], "unknown"
    words = _words(kind)
    sport = _only_sport(words)
    if sport == "unknown" and set(words) & {"trailrun", "treadmill", "trail"} and not _sports(words):
        sport = "running"
    if sport != "running":
        return sport, "unknown"
    return sport, next((SURFACE_OF_WORD[word] for word in words if word in SURFACE_OF_WORD), "unknown")


def sport_of_title(title: str) -> str:
    """Return the sport that an app's own title names ("Running 3/14/15 5:55 pm", "Lauf am Morgen").

    A title with any word of the runner's own is no evidence: "Run down the river" may be a paddle.
    """
    words = _words(title)
    if any(word not in SPORT_OF_WORD and word not in MADE_UP for word in words):
        return "unknown"
    return _only_sport([word for word in words if word not in MADE_UP])


def _only_sport(words: list[str]) -> str:
    sports = _sports(words)
    for sport in STRONGER:
        if sport in sports and sports - {sport} <= ON_FEET:
            return sport
    return sports.pop() if len(sports) == 1 else "unknown"


def _sports(words: list[str]) -> set[str]:
    return {SPORT_OF_WORD[word] for word in words if word in SPORT_OF_WORD}


def _words(text: str) -> list[str]:
    """Return the words in small letters without accents, those of phrases as one."""
    spaced = CAMEL.sub(" ", text) if not text.startswith("HK") else text
    letters = unicodedata.normalize("NFKD", spaced.casefold().replace("ø", "o").replace("ł", "l"))
    bare = unicodedata.normalize("NFC", "".join(char for char in letters if not _is_accent(char)))
    joined = " ".join(WORD.findall(bare))
    for phrase, word in PHRASES.items():
        joined = re.sub(rf"\b{phrase}\b", word, joined)
    return joined.split()


def _is_accent(char: str) -> bool:
    return "\u0300" <= char <= "\u036f"
