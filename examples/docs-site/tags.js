// What the pages are about: a page has a tag when it names the thing a few times.
const TAGS = {
  Builds: /\bbuilders?\b/gi,
  CommonJS: /\bCommonJS\b|\brequire\(\)/g,
  'Content Security Policy': /\bCSP\b|Content-Security-Policy/g,
  Docker: /\bDocker\b|\bcontainers?\b/g,
  ETag: /\bETags?\b|\b304\b/g,
  'HTTP/2': /\bHTTP\/2\b/g,
  'Hot plugins': /\bhot plugins?\b|`plugins`/gi,
  Proxies: /\bprox(?:y|ies)\b|\bnginx\b|\bCaddy\b/gi,
  Security: /\bOrigin\b|\btokens?\b|\bsecurity\b/g,
  'Server-sent events': /\bSSE\b|server-sent events|event stream/gi,
  Shards: /\bshards?\b/gi,
  'Style sheets': /\bstyle sheets?\b|\.css\b/gi,
  TypeScript: /\bTypeScript\b/g,
  Watching: /\bwatch(?:er|ers|ed|es)?\b/gi,
  WebSocket: /\bWebSockets?\b/g
}
const MIN_MENTIONS = 3

/** Tags of a text, with the names of their pages. */
export function tagsIn (text) {
  return Object.entries(TAGS)
    .filter(([, pattern]) => (text.match(pattern)?.length ?? 0) >= MIN_MENTIONS)
    .map(([tag]) => ({ tag, slug: tag.toLowerCase().replace(/\W+/g, '-') }))
}
