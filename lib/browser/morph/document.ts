// This page as the server makes it now, parsed but not shown. By XMLHttpRequest: it parses without a sink of Trusted Types.

/** Milliseconds it may take: other updates wait for it. */
const PATIENCE = 5000

/** What came of it: without a `response`, no document. `watch` may say more before it is sent. */
export function fetchDocument (url: URL, watch?: (request: XMLHttpRequest) => void): Promise<XMLHttpRequest> {
  return new Promise(resolve => {
    const request = new XMLHttpRequest()
    request.open('GET', url)
    request.responseType = 'document'
    request.timeout = PATIENCE
    request.onloadend = () => resolve(request)
    watch?.(request)
    request.send()
  })
}
