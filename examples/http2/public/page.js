const show = (id, text) => { document.getElementById(id).textContent = text }
show('protocol', performance.getEntriesByType('navigation')[0].nextHopProtocol)

// The client is an async script: it has run when the page has loaded.
window.addEventListener('load', () => {
  const live = window.__liveReload
  const tell = () => show('transport', { sse: 'SSE', ws: 'WebSocket' }[live?.connectionType] ?? 'nothing yet')
  live?.on('state', tell)
  tell()
})
