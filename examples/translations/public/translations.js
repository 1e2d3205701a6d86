// The client of live reload has run when the page has loaded. In production the page does not contain this script.
window.addEventListener('load', () => {
  window.__liveReload.on('translations', ({ lang, texts }) => {
    if (lang !== document.documentElement.lang) return
    for (const element of document.querySelectorAll('[data-text]')) element.textContent = texts[element.dataset.text]
  })
})
