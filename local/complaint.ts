/** Something that a person can mend: shown as its one sentence, without a stack. */
export class Complaint extends Error {
  constructor(sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.name = 'Complaint';
  }
}
