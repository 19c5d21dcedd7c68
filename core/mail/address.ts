/**
 * One plain address: no display name, no list, nothing that could end a header. Stricter than the standards allow,
 * since a meeting's host is an account of an organisation.
 */
export const isMailAddress = (text: string): boolean =>
  text.length <= 254 &&
  /^[^\s@<>()[\]\\,;:"\p{C}]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}$/u.test(text);
