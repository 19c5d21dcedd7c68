import type { Cue } from './media.ts';

/** The three people of the sample meeting. */
export const SPEAKERS = { host: 'Ada Lindqvist', engineer: 'Tomasz Wrona', design: 'Priya Raman' } as const;

const [A, T, P] = [SPEAKERS.host, SPEAKERS.engineer, SPEAKERS.design];

const LINES: readonly (readonly [speaker: string, text: string])[] = [
  [
    A,
    "Good afternoon everybody. I've started the recording, and the transcript is on, so nobody has to take notes today.",
  ],
  [
    P,
    "Hi Ada. I can hear you fine. My train is late, so I'm joining from the station, please excuse the announcements.",
  ],
  [T, 'Hello from Gdansk. The camera is off because my connection is thin today, but audio should be all right.'],
  [
    A,
    'We have four things on the agenda: the harbour pilot, the battery problem, the new dashboard and the budget for the spring.',
  ],
  [A, "Let's begin with the harbour pilot. Tomasz, how did the first two weeks with the twelve water sensors go?"],
  [
    T,
    'Better than I expected. Eleven of the twelve sensors have reported every ten minutes since the second of January.',
  ],
  [
    T,
    'The twelfth one, at the north pier, went silent after the storm on the sixth, and we think that its antenna was bent.',
  ],
  [A, 'Do we need a boat to get to it, or can it be reached from the pier?'],
  [
    T,
    'From the pier, with a ladder. The harbour office lends us one. I will repair the north pier sensor by Thursday, January 15.',
  ],
  [P, 'Before you go there, could you take pictures of the mounting? I need them for the installation guide.'],
  [T, 'Of course, I will take pictures from both sides and put them into the shared folder.'],
  [A, 'What about the quality of the data? The port authority asked us whether the salinity values can be trusted.'],
  [
    T,
    'We compared them with their own laboratory samples. The difference is below two percent for salinity and below one for temperature.',
  ],
  [
    T,
    'Turbidity is another story. There the values drift by about eight percent a week, because algae grow on the lens.',
  ],
  [A, 'Is the drift a reason to stop the pilot?'],
  [T, 'No. It is predictable, so we can correct it in software, and a wiper on the lens would solve it for good.'],
  [P, 'How much would the wiper cost us per sensor?'],
  [T, 'About forty euros per sensor in small numbers, and around twenty-five if we order more than a hundred pieces.'],
  [
    A,
    "Then let's decide this now: we correct the turbidity drift in software for the pilot and order wipers for the spring series.",
  ],
  [P, 'Agreed. That also keeps the installation guide simple for the moment.'],
  [T, 'Agreed from my side. I will have the software correction ready for review by Friday, January 16.'],
  [A, "Good. So the decision is software first, wipers in spring. I'll write that to the port authority today."],
  [A, 'Second point, the batteries. We saw the alarms on Sunday night. What happened there?'],
  [
    T,
    'On Sunday the temperature fell to minus fourteen degrees, and three sensors dropped below twenty percent charge within six hours.',
  ],
  [
    T,
    'The cells are specified down to minus twenty, but our charge controller stops charging below minus ten to protect them.',
  ],
  [P, 'So they were discharging all night and could not recover during the short day?'],
  [T, 'Exactly. With six hours of daylight and a low sun the panel cannot bring back what was lost.'],
  [A, 'What are our options? I would like to hear at least two before we choose.'],
  [
    T,
    'Option one is a larger battery, which costs thirty euros and needs a new housing, so we would lose about six weeks.',
  ],
  [T, 'Option two is to report every thirty minutes instead of every ten when the charge is below forty percent.'],
  [
    T,
    'Option three is a small heater, but honestly I do not like it, because it eats the energy that we want to save.',
  ],
  [
    P,
    'Would option two break any promise to the customer? The contract says something about hourly values, does it not?',
  ],
  [A, 'The contract promises one value an hour, so thirty minutes would still be twice as often as we promised.'],
  [
    T,
    'Then option two is clearly the cheapest. It is a change of a few lines in the firmware, and we can send it over the air.',
  ],
  [A, 'How sure are you that it is enough for a really cold week?'],
  [T, 'I simulated ten days at minus fifteen. The lowest charge was thirty-one percent, so there is some margin.'],
  [
    A,
    'Then we decide for option two: the sensors switch to thirty-minute reports when the charge is below forty percent.',
  ],
  [P, 'Please show that state on the dashboard. Otherwise people will call us and ask why the curve has fewer points.'],
  [A, 'Good point. Priya, can you take that?'],
  [P, 'Yes. I will add a low-power badge to the dashboard by Wednesday, January 21.'],
  [
    T,
    'I will send the firmware update to two test sensors tomorrow and to all of them next Monday, if nothing strange happens.',
  ],
  [A, 'Please tell the harbour office before the update on Monday, so that nobody is surprised by a short gap.'],
  [T, 'I will call Mister Halvorsen at the harbour office on Friday.'],
  [A, 'Thank you. Third point, the new dashboard. Priya, would you like to share your screen?'],
  [P, 'One moment, sharing now. Can you see the map with the coloured dots?'],
  [T, 'Yes, I can see it. It looks very clean.'],
  [
    P,
    'Every dot is a sensor. Green means fresh data, yellow means older than an hour, and grey means that it is offline.',
  ],
  [
    P,
    'If you click on a dot, you get the last seven days, and below it a sentence in plain language about what is unusual.',
  ],
  [A, 'I love the sentence. Where does it come from?'],
  [
    P,
    'It is made from rules for now, for example that the temperature is three degrees above the average of the last month.',
  ],
  [T, 'Is green and grey a problem for people who cannot tell colours apart?'],
  [
    P,
    'We tested it with two colour-blind users. They asked for shapes, so offline sensors become a cross instead of a dot.',
  ],
  [A, 'Very good. What did the other testers say?'],
  [
    P,
    'Five people tested it last week. Four of them found the alarm settings within a minute, one gave up after three minutes.',
  ],
  [P, 'The most frequent wish was an export to a spreadsheet. Three of the five asked for it without being prompted.'],
  [A, 'How much work is the export?'],
  [
    P,
    'Two days for a simple file with all values of one sensor, perhaps a week if people want to choose columns and dates.',
  ],
  [A, "Let's do the simple one first and see whether anybody asks for more."],
  [T, 'I agree. The data interface already delivers such a file, so the button only has to call it.'],
  [A, 'Then it is decided: the dashboard gets a simple spreadsheet export in the first version.'],
  [P, 'I will build the export button by Friday, January 23, and Tomasz reviews the numbers.'],
  [T, 'Happy to. Send it to me on the day before, please, because I travel on that Friday.'],
  [A, 'When can we show the dashboard to the port authority?'],
  [P, 'The badge and the export will be done on the twenty-third, so any day in the week after that is fine.'],
  [A, 'I will invite the port authority to a demonstration on Tuesday, January 27, at ten in the morning.'],
  [P, 'Ten is good for me. Should we do it online or at their office?'],
  [A, 'At their office. They want to bring two people from the fire brigade, and those have no meeting software.'],
  [T, 'Then I will bring a spare sensor, so that they can touch one.'],
  [A, 'Excellent idea. Last point, the budget for the spring. We have to hand in our plan by the end of the month.'],
  [A, 'At the moment the plan says forty sensors for eighteen thousand euros, without wipers and without travel.'],
  [T, 'With the wipers it is about one thousand six hundred euros more, since forty pieces are below the discount.'],
  [
    P,
    'Could we order together with the river project? They need eighty sensors, and then we would be above a hundred.',
  ],
  [A, "That's clever. With the lower price the wipers cost one thousand euros instead of one thousand six hundred."],
  [T, 'The open question is whether the river project wants wipers at all. Their water is much clearer.'],
  [A, 'I will ask Jonas from the river project about a common order by Monday, January 19.'],
  [P, 'And please add two thousand euros for the translation of the installation guide into Norwegian and Polish.'],
  [T, 'I can check the Polish version myself, so perhaps one thousand five hundred is enough.'],
  [A, 'I will put in one thousand five hundred then. Does anybody see another cost that we forgot?'],
  [T, 'The mobile data contract. It grows from fifteen to twenty-two euros per month and sensor in April.'],
  [
    A,
    'That is a big one: forty sensors and seven euros more are two hundred eighty euros every month. Can we avoid it?',
  ],
  [
    T,
    'If we send compressed packets, we stay in the small plan. I need about three days for that, but not before February.',
  ],
  [A, 'Then we plan with compressed packets and keep the higher price as a risk in the budget.'],
  [
    A,
    'Let me sum up. Software correction for turbidity, thirty-minute reports at low charge, a simple export, and the demonstration on the twenty-seventh.',
  ],
  [P, 'One more thing: the next weekly sync falls on the day of the trade fair. Shall we move it to Tuesday?'],
  [
    A,
    'Yes, the next sync moves to Tuesday, January 20, at the same time. I will change the invitation right after this call.',
  ],
  [T, 'Perfect. Thank you both, and good luck with the train, Priya.'],
  [P, 'Thank you, it has just arrived. See you on Tuesday!'],
  [A, 'Thanks everybody. I am stopping the recording now. Goodbye.'],
];

const WORDS_PER_SECOND = 2.1;

/** The lines laid out over the recording: speech at an easy pace, and between two lines a pause of a share of the rest. */
export const sampleCues = (seconds: number): Cue[] => {
  const spoken = LINES.map(([, text]) => text.split(' ').length / WORDS_PER_SECOND);
  const silence = seconds - spoken.reduce((sum, one) => sum + one, 0);
  // Pauses of 0.2, 1 and 1.8 shares in turn: an even rhythm would hide mistakes in reading the times.
  const shares = LINES.map((_, index) => [0.2, 1, 1.8][index % 3] ?? 1);
  const share = silence / shares.reduce((sum, one) => sum + one, 0);
  let at = 0;
  return LINES.map(([speaker, text], index) => {
    const start = at + (shares[index] ?? 1) * share * 0.5;
    const end = start + (spoken[index] ?? 0);
    at = end + (shares[index] ?? 1) * share * 0.5;
    return { start: Math.round(start * 1000) / 1000, end: Math.round(end * 1000) / 1000, speaker, text };
  });
};
