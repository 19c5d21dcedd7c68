import { wordsOf } from './words.ts';

/** The first person that a text names, by full or first name. Two people of one first name are nobody. */
export const findName = (text: string, people: readonly string[], except?: string): string | undefined => {
  const words = wordsOf(text);
  for (const [index, word] of words.entries()) {
    if (!/^\p{Lu}/u.test(word)) continue;
    const matching = people.filter((name) => firstName(name) === word.replace(/['’]s$/, ''));
    const [only, second] = matching;
    const found = second ? matching.find((name) => wordsOf(name)[1] === words[index + 1]) : only;
    if (found && found !== except) return found;
  }
  return undefined;
};

const firstName = (name: string): string | undefined => wordsOf(name.replace(/^(?:dr|prof|mr|mrs|ms)\.?\s+/i, ''))[0];
