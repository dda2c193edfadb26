"""Specific terms in the place of general ones ("concretize"), in English: who, where and which of its kind.

A specific term names a kind of the general one with the people behind it, so that the answer stays what it was, and the
general term can be told from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from selfinstruct.simulator.layers import WITHIN, Kind, Layer, unenclosed

__all__ = ["AGES", "ENGLISH", "Term", "Terms", "pairs"]

AGES = tuple(map(str, range(19, 65)))
"""Of people at work."""


class Term(NamedTuple):
    general: str
    kind: Kind
    """Its sentence is the specific term."""
    code: bool
    """May it be replaced in a task about code, whose own terms have to stay?"""
    before: str = ""
    after: str = ""
    """Patterns of where it may stand."""

    def places(self, text: str) -> Iterable[re.Match[str]]:
        """Where the general term occurs, but not in quotation marks or brackets."""
        if self.general not in text:
            return ()
        found = re.finditer(f"{self.before}{re.escape(self.general)}{self.after}", text)
        return (place for place in found if unenclosed(text[: place.start()]))


class Terms:
    """All of a language. Every specific term has the mark."""

    def __init__(self, terms: Iterable[Term], mark: str) -> None:
        self.terms, self.mark = tuple(terms), re.compile(mark)

    def within(self, text: str, base: str) -> list[Term]:
        """Those whose general term stands in the text first where the base has it too."""
        found = []
        for term in self.terms:
            place = next(iter(term.places(text)), None) if term.general in base else None
            if place and text[max(place.start() - 6, 0) : place.end() + 6] in base:
                found.append(term)
        return found

    def general(self, text: str) -> tuple[str, tuple[Layer, ...]]:
        """The text with general terms again, and the specific ones that it had."""
        layers = list[Layer]()
        for term in self.terms if self.mark.search(text) else ():
            for head, pattern in term.kind.patterns:
                if head in text and (found := pattern.search(text)):
                    text = text[: found.start()] + term.general + text[found.end() :]
                    layers.append(Layer(term.kind, found.groupdict()))
        return text, tuple(layers)


NAMES = (
    *("Keiko Tanaka", "Amara Okafor", "Sven Lindqvist", "Ines Carvalho", "Yusuf Demir", "Rosa Castellanos"),
    *("Hugo Brandt", "Mei Chen", "Dmitri Volkov", "Nadia Haddad", "Bruno Moreau", "Priya Raman"),
)
JOBS = (
    *("baker", "tram driver", "midwife", "roofer", "botanist", "piano tuner", "glazier", "lorry driver", "cellist"),
    *("judge", "beekeeper", "librarian", "plumber", "nurse", "tailor", "surveyor"),
)
TOWNS = (
    *("Ghent", "Porto", "Tartu", "Cork", "Bergen", "Lucca", "Graz", "Turku", "Delft", "Split", "Kaunas", "Aarhus"),
    *("Dundee", "Trieste", "Coimbra", "Uppsala", "Brno", "Nantes", "Swansea", "Bilbao", "Odense", "Limerick"),
)
STREETS = ("Mill Lane", "Harbour Street", "Station Road", "Castle Hill", "Orchard Row", "Bridge Street", "Well Close")
SLOTS = {"name": NAMES, "job": JOBS, "town": TOWNS, "street": STREETS, "age": AGES}

THINGS = "{} (sent in by {{name}}, a {{age}}-year-old {{job}} from {{town}})"
PERSON = "{} (to be exact {{name}} from {{town}}, {{age}} years old)"
PEOPLE = "{} (from {{town}}, brought along by the {{age}}-year-old {{job}} {{name}})"
PLACE = "{} (in {{street}}, {{town}}, where {{name}}, aged {{age}}, is in charge)"
EVENT = "{} (held in {{town}} by the {{age}}-year-old {{job}} {{name}})"

_THINGS = """
list: checklist; lists: checklists; numbers: tally figures; number: tally figure; words: crossword words;
word: crossword word; sentence: closing sentence; sentences: closing sentences; text: typescript; message: voicemail;
messages: voicemails; note: memo; notice: poster; date: calendar entry; dates: calendar entries;
amount: invoice total; amounts: kitchen measures; data: spreadsheet export; table: price table;
headline: front-page headline; title: working title; names: members' names; name: member's name;
entries: register entries; tasks: chores; task: brain-teaser; events: milestones; letters: letter tiles;
remark: muttered remark; mail: e-mail; nouns: textbook nouns; adjectives: textbook adjectives; verbs: textbook verbs;
statement: bold claim; claim: advertising claim; question: quiz question; saying: folk saying; bill: restaurant bill;
budget: household budget; price: shelf price; prices: shelf prices; rota: kitchen rota; recipe: family recipe;
dish: lunch dish; phrase: postcard phrase; motto: guild motto; slogan: poster slogan; equation: textbook equation;
sequence: number row; analogy: exam analogy; measurements: workshop measurements; records: card-index records;
pair: card pair; expression: worksheet expression; triangle: paper triangle; country: travel country;
countries: travel countries; animal: zoo animal; animals: zoo animals; instrument: orchestra instrument;
poem: album poem; story: bedtime story; article: newspaper article; paragraph: closing paragraph;
passage: diary passage; review: online review; summary: one-page summary; options: answer cards;
planets: solar planets; ingredients: kitchen ingredients; costs: running costs; sizes: clothing sizes;
region: wine region; conclusion: closing argument; news: wire-service news; comment: signed comment;
quote: handwritten quote; fruits: orchard fruits; clothes: work clothes; spices: kitchen spices;
tools: workshop tools; vehicles: roadworthy vehicles; vegetables: garden vegetables; birds: garden birds;
coins: pocket coins; thing: household thing; headlines: front-page headlines; dialogue: stage dialogue
"""
_PERSONS = """
friend: schoolfriend; hairdresser: barber; farmer: hop grower; porter: hotel porter; landlord: flat owner;
vet: horse vet; driver: minibus driver; lodger: subtenant; magician: card magician; parent: foster parent;
customer: regular customer; caretaker: school caretaker; cook: pastry cook; broker: ship broker;
engineer: bridge engineer; shepherd: mountain shepherd; clockmaker: tower-clock maker; officer: customs officer;
captain: ferry captain; neighbour: next-door neighbour; teacher: geography teacher; librarian: music librarian;
electrician: marine electrician; student: botany student; colleague: deputy; registrar: deputy registrar;
treasurer: deputy treasurer; upholsterer: sofa upholsterer; guide: museum guide; walker: hill walker;
writer: crime writer; person: postal worker; user: library user; manager: branch manager; author: crime author;
client: long-standing client; guest: hotel guest; worker: dock worker; doctor: eye doctor; stranger: street musician;
flatmate: fellow lodger; dentist: children's dentist; pirate: one-eyed pirate; applicant: first-time applicant;
tourist: day tripper; bride: December bride; buyer: wholesale buyer; keeper: night keeper; soldier: infantry soldier;
bishop: assistant bishop; chef: sushi chef; actor: stage actor; singer: opera singer; nurse: ward nurse;
pupil: evening-school pupil; expert: court expert; secretary: school secretary; mountaineer: ice climber;
biographer: court biographer; editor: picture editor; cousin: second cousin; uncle: great-uncle; waiter: head waiter;
dancer: tap dancer; scout: scout leader
"""
_PEOPLE = """
tourists: day trippers; children: nursery children; pupils: primary pupils; commuters: tram passengers;
sailors: deckhands; patients: day patients; nurses: ward nurses; visitors: day visitors; gardeners: rose growers;
hikers: ramblers; students: botany students; apprentices: apprentice glaziers; trainees: trainee bakers;
volunteers: lifeboat volunteers; pensioners: retired miners; librarians: music librarians; tutors: maths tutors;
welders: pipe welders; fans: season-ticket holders; listeners: late-night listeners; passengers: ferry passengers;
storytellers: ballad singers; beginners: evening-class beginners; freshers: law freshers; parents: foster parents;
cooks: pastry cooks; engineers: bridge engineers; campers: scouts; newcomers: new tenants;
residents: long-term residents; readers: subscribers; adults: night-school pupils; tenants: flat tenants;
founders: shop founders; breeders: sheepdog breeders; importers: spice importers; translators: court translators;
archaeologists: marine archaeologists; couriers: parcel couriers; operators: crane operators;
puppeteers: shadow puppeteers; teenagers: sixth-formers; cousins: second cousins; brothers: twin brothers;
neighbours: next-door neighbours; strangers: street musicians; experts: court experts; historians: railway historians;
climbers: ice climbers; drivers: minibus drivers; employees: bank employees; customers: regular customers;
people: postal workers; users: library users; friends: former classmates; seniors: retired teachers;
acrobats: rope acrobats; inmates: remand prisoners; judges: county judges; losers: last-placed players;
altos: chapel altos; sisters: half-sisters; players: chess players; instructors: ski instructors;
florists: wedding florists; auditors: tax auditors; officers: customs officers; employers: shipowners;
travellers: rail travellers; pharmacists: hospital pharmacists; glassblowers: vase makers; delegates: union delegates;
curlers: league curlers; boys: choirboys; dentists: children's dentists; pirates: river pirates;
swimmers: cold-water swimmers; porters: hotel porters; whalers: Arctic whalers; firemen: volunteer firemen;
guests: wedding guests; clerks: bank clerks; makers: master makers; walkers: hill walkers; families: farming families;
workers: dock workers; members: board members; scientists: polar scientists; runners: marathon runners;
painters: sign painters; smugglers: rum smugglers; lawyers: divorce lawyers; shepherds: mountain shepherds;
anthropologists: field anthropologists; astronomers: comet astronomers; poets: street poets
"""
_PLACES = """
museum: clock museum; school: primary school; library: reading library; village: fishing village;
company: haulage company; warehouse: grain warehouse; shop: corner shop; farm: dairy farm; theatre: puppet theatre;
cinema: art cinema; office: ticket office; station: tram station; hospital: eye hospital; clinic: dental clinic;
church: harbour church; hotel: seaside hotel; cafe: ice-cream parlour; club: rowing club; garden: herb garden;
harbour: yacht harbour; registry: land registry; factory: biscuit factory; archive: film archive;
shelter: dog shelter; orchestra: wind orchestra; choir: chapel choir; market: fish market; restaurant: noodle bar;
bank: savings bank; university: technical university; kitchen: canteen kitchen; observatory: hilltop observatory;
bookshops: second-hand bookshops; launderettes: self-service launderettes; monastery: abbey; union: dockers' union;
society: debating society; firm: removal firm; magazine: quarterly magazine; paper: evening paper; shipyard: boatyard;
college: art college; circus: tent circus; team: handball team; newsletter: parish newsletter;
podcast: history podcast; blog: cycling blog; city: port city; town: market town; street: shopping street;
page: web page; forum: gardening forum; laundrette: self-service laundrette; stall: snack stall;
bakery: pastry bakery; tavern: wine tavern; pizzeria: take-away pizzeria; apiary: roof-top apiary; yard: cobbled yard;
barge: coal barge; canal: lock canal; park: city park; river: trout river; cellar: wine cellar; foundry: bell foundry;
churches: parish churches; nursery: tree nursery; stadium: football stadium; dairy: mountain dairy; mill: paper mill;
lighthouse: harbour lighthouse; tugboat: harbour tugboat; store: department store; camp: summer camp;
ship: cargo ship; stage: open-air stage; prison: women's prison; flat: attic flat; house: terraced house;
bus: double-decker; train: night train; booth: kiosk; islands: outer islands; lake: boating lake;
hills: vineyard hills; wharf: coal wharf; agency: news agency; app: phone app
"""
_EVENTS = """
quiz: pub quiz; party: garden party; tournament: darts tournament; exam: oral exam; reunion: class reunion;
lesson: pottery lesson; trip: coach trip; wedding: silver wedding; contest: baking contest;
competition: baking competition; meeting: board meeting; journey: rail journey; festival: jazz festival;
concert: brass concert; holiday: cycling holiday; course: sewing course; workshop: bookbinding workshop;
fete: summer fete; class: pottery class; interview: job interview; ballad: street ballad; homework: maths homework;
crossword: Sunday crossword; game: board game; riddle: rhyming riddle; riddles: rhyming riddles;
rehearsal: dress rehearsal; auction: barn auction; christening: church christening; announcement: press announcement;
retreat: silent retreat; kick-off: evening kick-off; letter: farewell letter; novel: crime novel; album: stamp album;
packets: sachets; mat: coaster; diary: pocket diary; logbooks: sea logs; dinner: three-course dinner;
calendar: wall calendar; duel: sabre duel; lecture: evening lecture; song: drinking song; book: pocket book;
sermon: harvest sermon; tale: fireside tale; subscription: yearly subscription
"""
_MEASURES = (
    "number",
    "numbers",
    "sum",
    "value",
    "values",
    "letters",
    "day",
    "time",
    "unit",
    "quantity",
    "words",
    "line",
)
"""Of something, they mean no thing."""
_DETERMINERS = ("the ", "this ", "these ", "given ", "following ", "a ", "my ", "your ")


def pairs(text: str) -> list[tuple[str, str]]:
    entries = " ".join(text.split()).split("; ")  # one may go on in the next line
    return [(general, specific) for general, _, specific in (entry.partition(": ") for entry in entries)]


_NEXT = (
    r"[.,;:?!)]|$| (?:of|for|from|in|into|on|at|by|with|without|to|is|are|was|were|has|have|had|and|or|but|that|which"
    r"|who|whom|whose|as|if|when|while|before|after|near|behind|under|above|below|between|during|about|against|around|up"
    r"|out|off|over|through|among|than|then|so|whether|what|how|does|do|can|must|should|would|will|may"
    r"|(?!(?:morn|even|meet|wedd|mean|open|build|end|train|spell|read)ing)\w+ing|\w+ed)\b"
)
"""What may follow a term that is no part of a longer one."""
_LAST = (
    *("a", "an", "the", "this", "these", "my", "our", "your", "his", "her", "their", "its", "some", "of", "for"),
    *("to", "by", "with", "from", "at", "in", "on", "into", "among", "two", "three", "four", "five", "six"),
    *("forty", "fifty", "and", "or", "young", "old", "new", "busy", "small", "local", "sleepy", "homesick"),
    *("curious", "single", "shy", "worried", "nervous", "stranded", "bored", "retired", "noisy", "friendly"),
    *("unfinished", "widowed", "amateur", "travelling", "regional", "organic", "quarrelsome", "evening", "annual"),
    *("first", "village", "whose", "stubborn"),
)
"""Words after which a term begins."""
_COMPOUNDS = frozenset(
    (
        *("friend", "friends", "driver", "drivers", "officer", "porter", "porters", "fans", "operators", "teacher"),
        *("makers", "players", "members", "instructors", "founders", "secretary", "vet", "guide", "manager", "workers"),
        "keeper",
    )
)
"""Last words of longer terms, such as a pen friend."""


def _term(general: str, specific: str, shape: str, code: bool) -> Term:
    """Between words that make it no part of a longer term; after "an" where it begins with a vowel itself."""
    kind = Kind(name=f"for {general}", wordings=(shape.format(specific),), slots=SLOTS, place=WITHIN)
    measured = r"| of\b" if general.rpartition(" ")[2] in _MEASURES else ""
    wrong = "a" if specific[0] in "aeiou" else "an"
    free = general.startswith(_DETERMINERS) or (shape in (PERSON, PEOPLE) and general not in _COMPOUNDS)
    last = "" if free else "|".join(rf"(?<=\b{word} )" for word in _LAST if word != wrong)
    return Term(
        general, kind, code, f"(?:{last})" if last else r"(?<![\w'-])", rf"(?!['’\w-]| \({measured})(?={_NEXT})"
    )


_TABLES = ((_PERSONS, PERSON), (_PEOPLE, PEOPLE), (_PLACES, PLACE), (_EVENTS, EVENT))
_NAMED = [(pair, shape) for table, shape in _TABLES for pair in pairs(table)]
ENGLISH = Terms(
    (
        *(_term(general, specific, shape, True) for (general, specific), shape in _NAMED),
        *(
            _term(determiner + general, determiner + specific, THINGS, False)
            for general, specific in pairs(_THINGS)
            for determiner in _DETERMINERS
            if determiner != "a " or specific[0] not in "aeiou"
        ),
    ),
    r" \((?:sent in by|to be exact|from|in|held in) ",
)
