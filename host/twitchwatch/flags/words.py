"""The sentences: calm, plain, never a diagnosis."""

from __future__ import annotations

NO_DIAGNOSIS = "This is not a diagnosis."

RED_FLAGS = (
    "See a doctor if your grip or your fingers become weak or clumsy, if the hand becomes thinner, if you"
    " feel numbness, tingling or pain, if it spreads, if it also happens while you are awake and using "
    "the hand, or if it lasts for more than four weeks. See a doctor at once if swallowing or speaking "
    "becomes difficult."
)

CALMING = (
    "For two weeks: no caffeine after 2 pm, less alcohol and nicotine, seven to eight hours of sleep, "
    "enough to drink, and rest for hands that type or grip a lot. Then compare."
)

TREMOR_MEANING = (
    "Rhythmic shaking is called tremor. It differs from twitching: whole groups of muscles swing "
    "together. It has many causes, most of them harmless: tiredness, caffeine, stress, some medicines, "
    "and essential tremor, the most common of all. The sensor cannot distinguish them, because their "
    "frequencies overlap. " + NO_DIAGNOSIS
)
TREMOR_TRY = "Notice whether it also happens while you are awake, and in which posture. " + CALMING
TREMOR_DOCTOR = (
    "Show rhythmic shaking that lasts or returns to a doctor, together with this night. " + RED_FLAGS
)

RISING_NIGHT_MEANING = (
    "Twitching comes in clusters, and everyone has an hour like this now and then, for example after "
    "lying on the arm, in a cold room, or in restless sleep. One such night means little; several mean "
    "more. " + NO_DIAGNOSIS
)
RISING_NIGHTS_MEANING = (
    "Twitching often increases with caffeine, stress, short sleep, heavy use of the hand or a new "
    "medicine. A sensor worn elsewhere or more tightly can look the same. " + NO_DIAGNOSIS
)
RISING_DOCTOR = "If it keeps increasing day by day despite these changes, see a doctor. " + RED_FLAGS

EASING_MEANING = (
    "Less twitching is usually good news, and may show that a change you made is working. A sensor worn "
    "more loosely can look the same, and fewer twitches in a hand that becomes weaker are not an "
    "improvement. " + NO_DIAGNOSIS
)
EASING_DOCTOR = (
    "Fewer is not always better: if the hand also becomes weak or thin, twitching that fades is a reason "
    "to see a doctor soon. " + RED_FLAGS
)
EASING_TRY = "Keep up the changes you made."

NO_DATA_MEANING = "No data is not a quiet night: nothing is known about the missing time."
NO_DATA_TRY = "Check that the sensor is charged, worn snugly and within reach of this computer."

RHYTHM_MEANING = (
    "Single twitches at regular intervals are between twitching and tremor. At about one a "
    "second they may simply be your pulse, which shakes the hand a little. " + NO_DIAGNOSIS
)
PERIODIC_MEANING = (
    "Movements that return every 10 to 90 seconds during sleep are common, more so with age, low iron, "
    "some medicines and poor sleep. The rules were made for legs; a ring sees only a finger, and cannot "
    "distinguish sleeping from lying still. " + NO_DIAGNOSIS
)
PERIODIC_DOCTOR = (
    "Show this to a doctor if you sleep badly, are tired during the day, or have restless legs in the "
    "evening."
)
FRAGMENTARY_MEANING = (
    "Many small twitches during much of a night occur in healthy sleepers too, and usually mean nothing. "
    "The rule was made for electrodes; here it is applied to the motion of a finger. " + NO_DIAGNOSIS
)
HYPNIC_MEANING = (
    "A jerk while falling asleep is normal. Tiredness, stress and late caffeine make it more frequent. "
    + NO_DIAGNOSIS
)
FELT_MEANING = (
    "Twitches that you feel while awake are common and mostly harmless; those during sleep are usually "
    "not felt. If they also happen while you use the hand, make a note of it. " + NO_DIAGNOSIS
)
CONTRACTION_MEANING = (
    "A contraction that lasts for seconds is not a twitch. It may be a cramp, a grip in a dream, or a "
    "strained hand. " + NO_DIAGNOSIS
)
SPREAD_MEANING = (
    "Most twitching stays in one place and comes and goes. More than one site is a reason to have it "
    "checked, although stress or caffeine alone can cause it. " + NO_DIAGNOSIS
)

SYMPTOM_MEANING = (
    "Such a symptom has many causes, and most of them can be treated. Only an examination can find the "
    "cause; fewer twitches at night do not rule anything out. " + NO_DIAGNOSIS
)
SYMPTOM_DOCTOR = "See a doctor about this within the next few days, and take your nights with you."
SYMPTOM_AT_ONCE = (
    "See a doctor at once. If it began within hours, or with a drooping face or a weak arm, call the "
    "emergency number now."
)
