"""The sentences: calm, plain, never a diagnosis."""

from __future__ import annotations

NO_DIAGNOSIS = "This is not a diagnosis."

RED_FLAGS = (
    "See a doctor if your grip or your fingers grow weak or clumsy, if the hand grows thinner, if there is "
    "numbness, tingling or pain, if it spreads, if it also comes while you are awake and using the hand, or "
    "if it lasts more than four weeks. At once if swallowing or speaking becomes difficult."
)

CALMING = (
    "For two weeks: no caffeine after 2 pm, less alcohol and nicotine, seven to eight hours of sleep, enough "
    "to drink, a rest for hands that type or grip much. Then compare."
)

TREMOR_MEANING = (
    "Rhythmic shaking is tremor, which is something other than twitching: whole groups of muscles swing "
    "together. It has many causes, most of them not serious: tiredness, caffeine, stress, some medicines, "
    "and essential tremor, the commonest of all. The sensor cannot tell them apart, and the bands of "
    "frequency overlap. " + NO_DIAGNOSIS
)
TREMOR_TRY = "Watch whether it also comes when you are awake, and in what posture. " + CALMING
TREMOR_DOCTOR = (
    "Rhythmic shaking that lasts or comes back is worth showing to a doctor: take this night along. "
    + RED_FLAGS
)

RISING_NIGHT_MEANING = (
    "Twitching comes in clusters, and one lively hour happens to everyone: lying on the arm, a cold room, a "
    "restless stretch of sleep. One such night alone says little; several do. " + NO_DIAGNOSIS
)
RISING_NIGHTS_MEANING = (
    "More twitching over nights often follows caffeine, stress, short sleep, hard use of the hand or a new "
    "medicine. A sensor worn elsewhere or more tightly can look the same. " + NO_DIAGNOSIS
)
RISING_DOCTOR = "If it keeps growing from day to day in spite of changes, ask a doctor. " + RED_FLAGS

EASING_MEANING = (
    "Less twitching usually is good news, and may show that a change of yours works. A sensor worn more "
    "loosely can look the same, and fewer twitches together with a weaker hand are no improvement. "
    + NO_DIAGNOSIS
)
EASING_DOCTOR = (
    "Fewer is not always better: where a hand also grows weak or thin, twitching that fades is a reason to "
    "see a doctor soon. " + RED_FLAGS
)
EASING_TRY = "Keep what you changed."

NO_DATA_MEANING = "No data is not a quiet night: nothing can be said about the time that is missing."
NO_DATA_TRY = "Check that the sensor is charged, worn snugly and in reach of this computer."

RHYTHM_MEANING = (
    "Single twitches that follow each other like a clock are something between twitching and tremor. About "
    "once a second it may simply be your pulse, which shakes the hand a little. " + NO_DIAGNOSIS
)
PERIODIC_MEANING = (
    "Movements that return every 10 to 90 seconds in sleep are common, more so with age, little iron, some "
    "medicines and poor sleep. The rules are made for the legs; a ring sees only a finger, and cannot tell "
    "sleep from lying still. " + NO_DIAGNOSIS
)
PERIODIC_DOCTOR = (
    "Worth showing to a doctor if you sleep badly, are tired by day, or have restless legs in the evening."
)
FRAGMENTARY_MEANING = (
    "Many small twitches over much of a night are found in healthy sleepers too, and are mostly of no "
    "consequence. The rule is made for electrodes; here it is applied to a finger's motion. " + NO_DIAGNOSIS
)
HYPNIC_MEANING = (
    "A jerk as one falls asleep is normal. Tiredness, stress and late caffeine make it more frequent. "
    + NO_DIAGNOSIS
)
FELT_MEANING = (
    "Twitches that are felt awake are common and mostly harmless; those of sleep are usually not felt. If "
    "they also come while you use the hand, that is worth noting. " + NO_DIAGNOSIS
)
CONTRACTION_MEANING = (
    "A contraction that holds for seconds is not a twitch: a cramp, a grip in a dream, or a hand that is "
    "strained. " + NO_DIAGNOSIS
)
SPREAD_MEANING = (
    "Most twitching keeps to one place and comes and goes. More than one site is a reason to let somebody "
    "look, even though stress or caffeine alone can do it. " + NO_DIAGNOSIS
)

SYMPTOM_MEANING = (
    "Such a symptom has many causes, and most can be treated. What it is only an examination can tell; fewer "
    "twitches at night say nothing against it. " + NO_DIAGNOSIS
)
SYMPTOM_DOCTOR = "See a doctor about this in the next days, and take your nights along."
SYMPTOM_AT_ONCE = (
    "See a doctor at once. If it came within hours, or with a drooping face or a weak arm, call the "
    "emergency number now."
)
