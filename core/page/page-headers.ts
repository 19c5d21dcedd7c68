/**
 * What every answer carries that a browser shows: it may load nothing from elsewhere, tells nobody where it was (the
 * address holds the token), is kept by no cache and found by no search engine.
 */
export const pageHeaders = (mediaOrigin = ''): Record<string, string> => ({
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    `media-src 'self'${mediaOrigin ? ` ${mediaOrigin}` : ''}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow, noarchive',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), display-capture=()',
  'strict-transport-security': 'max-age=31536000',
  'cache-control': 'private, no-store',
});
