// `GET <path>/`: the status page. The document is an empty frame; its script fills it by what the stream of status tells.
import type { FastifyInstance } from 'fastify'

export interface StatusPageParts {
  /** Of `status.js`, for its query. */
  readonly hash: string
  readonly epoch: string
  /** For the stream and for the buttons. The gate has judged the host before anybody reads it. */
  readonly token: string
}

// Nothing of anybody else: no frame around it, no inline code, no text that becomes HTML.
const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
const ICON = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='6' fill='%2312a150'/%3E%3C/svg%3E"

/** Adds the page to a scope that has the gate: with and without a slash at the end. */
export function serveStatusPage (scope: FastifyInstance, { hash, epoch, token }: StatusPageParts): void {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Live reload</title>
<link rel="icon" href="${ICON}">
<script defer src="status.js?v=${hash}" data-epoch="${epoch}" data-token="${token}"></script>
</head>
<body>
<noscript>This page needs JavaScript. <a href="health">health</a> says much of the same as JSON.</noscript>
</body>
</html>
`
  scope.get('/', { prefixTrailingSlash: 'both', config: { liveReload: false } }, (request, reply) => {
    const [path = ''] = request.url.split('?')
    // Addresses in the page are relative, so that it works behind a prefix; and so is this one.
    if (!path.endsWith('/')) return reply.redirect(`${path.slice(path.lastIndexOf('/') + 1)}/`, 302)
    return reply.headers({ 'content-security-policy': POLICY, 'x-frame-options': 'DENY' }).type('text/html; charset=utf-8').send(html)
  })
}
