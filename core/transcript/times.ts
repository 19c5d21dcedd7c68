const two = (value: number): string => String(value).padStart(2, '0');

/** `HH:MM:SS.mmm`, the form of WebVTT; SRT wants a comma. Hours grow as needed. */
export const cueTime = (milliseconds: number, separator: '.' | ','): string => {
  const whole = Math.max(0, Math.round(milliseconds));
  const [hours, minutes, seconds] = partsOf(whole);
  return `${two(hours)}:${two(minutes)}:${two(seconds)}${separator}${String(whole % 1_000).padStart(3, '0')}`;
};

/** `mm:ss`, and `h:mm:ss` from an hour on: as players show it. */
export const clockTime = (milliseconds: number): string => {
  const [hours, minutes, seconds] = partsOf(Math.max(0, milliseconds));
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`;
};

const partsOf = (milliseconds: number): [number, number, number] => {
  const seconds = Math.floor(milliseconds / 1_000);
  return [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
};
