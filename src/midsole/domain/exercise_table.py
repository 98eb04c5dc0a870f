"""The exercises of RULES.md section 3: what they are, how much, who says so, and what they are for."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

MAKER, COACH, STORY, BLOG = "an insole maker", "a running coach", "a runner's story", "an exercise blog"
REGULARLY = "regularly"


@dataclass(frozen=True, slots=True)
class Exercise:
    """`dose` is a range where the sources differ; `says` are those who recommend it, all of them grade D."""

    slug: str
    name: str
    dose: str
    how: str
    says: tuple[str, ...]
    what_for: str


ALL = (
    Exercise(
        "calf-stretch",
        "Calf stretch at the wall",
        "15-60 s each side, knee straight, then bent; a few times a day. 30 s or more is best supported.",
        "Hands on the wall, one foot behind you, its heel on the floor. Lean in until the calf pulls and "
        "hold. Then bend the back knee a little and hold again: that reaches the deeper muscle.",
        (MAKER, COACH, BLOG),
        "A tight calf lifts the heel early and loads the ball of the foot.",
    ),
    Exercise(
        "heel-drop",
        "Heel drop off a step",
        "slowly, several times, a few seconds each time",
        "Stand on a step with the balls of your feet and hold on to something. Let the heels sink slowly "
        "below the step, stay there for a few seconds, and come up again.",
        (MAKER, COACH, STORY),
        "It stretches the calf under load: the only stretch that helped the runner of the story.",
    ),
    Exercise(
        "ankle-stretch",
        "Seated ankle stretch, down and up",
        "5-10 s each way, uncomfortable but not painful",
        "Sit, one foot on the other knee. Pull the toes and the foot gently down and hold; then bend the "
        "foot up towards the shin and hold.",
        (MAKER,),
        "For an ankle that moves freely both ways.",
    ),
    Exercise(
        "towel-scrunch",
        "Towel scrunches",
        "3 x 15 each foot (other sources: several)",
        "Sit with a towel flat under one foot. Pull it towards you with your toes alone, then let go.",
        (MAKER, COACH, BLOG),
        "For the small muscles that hold up the arch and the ball of the foot.",
    ),
    Exercise(
        "heel-raise",
        "Heel raises",
        "several, a few seconds at the top; later with weight",
        "Stand on both feet and hold on to something. Rise on the balls of your feet, stay for a few "
        "seconds, and sink slowly.",
        (BLOG, COACH, STORY),
        "For a calf that is strong enough for running. It loads the ball of the foot: only without pain.",
    ),
    Exercise(
        "toe-spread",
        "Toe spread",
        "15-30 s, several times",
        "Bare foot flat on the floor. Spread the toes apart without lifting them, and hold.",
        (BLOG,),
        "For room between the toes and the muscles beside them.",
    ),
    Exercise(
        "toe-stretch",
        "Toe stretch with a towel",
        "15-30 s, several times",
        "Sit with one leg out. Put a towel round the toes, pull them towards you, and hold.",
        (BLOG,),
        "It stretches the sole from the heel to the toes.",
    ),
    Exercise(
        "balance",
        "Single-leg balance",
        "30 s each side, then with eyes closed",
        "Stand on one bare foot near a wall. Keep the toes long and the arch up. When that is easy, close "
        "your eyes.",
        (BLOG, COACH),
        "For the muscles that steady the foot and the ankle.",
    ),
    Exercise(
        "arch-ball",
        "Ball under the arch",
        "30 s or more each foot, daily",
        "Roll a tennis ball slowly from the heel to just behind the ball of the foot, with some of your "
        "weight on it.",
        (COACH,),
        "It loosens the sole.",
    ),
    Exercise(
        "short-foot",
        "Short foot (doming)",
        REGULARLY,
        "Foot flat on the floor. Draw the ball of the foot towards the heel so that the arch rises; the "
        "toes stay long and flat. Hold, and let go.",
        (COACH,),
        "For the muscles of the arch.",
    ),
    Exercise(
        "marbles",
        "Marble pick-ups",
        "several",
        "Pick up marbles with your toes and drop them into a cup.",
        (BLOG, COACH),
        "For toes that can grip.",
    ),
    Exercise(
        "foot-roll",
        "Foot roll",
        "several",
        "Sit or stand with a bottle or a roller under one foot. Roll it to and fro under the whole sole.",
        (BLOG, COACH),
        "It loosens the sole.",
    ),
    Exercise(
        "heel-walk",
        "Heel walks",
        "several",
        "Walk some steps on your heels with the toes pulled up.",
        (BLOG, COACH),
        "For the muscles along the shin.",
    ),
    Exercise(
        "calf-roll",
        "Foam roll for the calf",
        "30 s or more, daily",
        "Sit on the floor with one calf on a foam roller. Roll slowly from the ankle to below the knee.",
        (COACH,),
        "It loosens the calf.",
    ),
    Exercise(
        "downward-dog",
        "Downward dog",
        "30 s or more, daily",
        "Hands and feet on the floor, hips high. Press one heel after the other towards the floor.",
        (COACH,),
        "It stretches the calf and the back of the leg together.",
    ),
    Exercise(
        "leg-stretch",
        "Hamstring and quad stretch",
        "30 s or more each side, daily",
        "Heel on a low step, leg straight, lean forward: that is the back of the thigh. Then stand and pull "
        "one heel towards your seat: that is the front.",
        (COACH,),
        "For hips and knees that move freely.",
    ),
    Exercise(
        "hips",
        "Hips and glutes",
        REGULARLY,
        "Lie on your back, knees bent, and lift the hips: a bridge. Or lie on your side and lift the upper "
        "leg. Several slow ones each side.",
        (COACH,),
        "For a leg that stays straight over the foot.",
    ),
    Exercise(
        "around-runs",
        "Stretching before and after exercise",
        "before and after a run; no source names a dose",
        "A few easy stretches of calf and thigh before you start and when you are back.",
        (BLOG,),
        "A habit that brings the other stretches along.",
    ),
)
BY_SLUG: Mapping[str, Exercise] = MappingProxyType({e.slug: e for e in ALL})
CALF_STRETCHES = frozenset({"calf-stretch", "heel-drop", "downward-dog"})

FOREFOOT_PAIN = ("calf-stretch", "heel-drop", "towel-scrunch", "ankle-stretch", "toe-spread")
"""Calf and heel drop first. Heel raises wait: they put the weight on what hurts."""
COMING_BACK = ("calf-stretch", "heel-drop", "towel-scrunch", "heel-raise", "balance")
OF_PLACE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "arch": ("calf-stretch", "arch-ball", "towel-scrunch", "toe-stretch", "short-foot"),
        "top": ("calf-stretch", "ankle-stretch", "towel-scrunch", "toe-spread", "balance"),
        "heel": ("calf-stretch", "heel-drop", "arch-ball", "toe-stretch", "towel-scrunch"),
        "ankle": ("calf-stretch", "ankle-stretch", "balance", "heel-walk", "towel-scrunch"),
        "achilles": ("calf-stretch", "heel-drop", "ankle-stretch", "calf-roll", "balance"),
        "calf": ("calf-stretch", "heel-drop", "calf-roll", "downward-dog", "ankle-stretch"),
        "shin": ("calf-stretch", "heel-drop", "heel-walk", "calf-roll", "ankle-stretch"),
        "knee": ("calf-stretch", "leg-stretch", "hips", "balance", "heel-drop"),
        "hip": ("hips", "leg-stretch", "calf-stretch", "balance", "downward-dog"),
    }
)
"""RULES.md orders them for forefoot pain alone; these are ours, by what each exercise is for."""
