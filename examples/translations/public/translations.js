// The client of live reload is there when the page has loaded. In production this script is not added.
window.addEventListener('load', () => {
  window.__liveReload.on('translations', ({ lang, texts }) => {
    if (lang !== document.documentElement.lang) return
    for (const element of document.querySelectorAll('[data-text]')) element.textContent = texts[element.dataset.text]
  })
})
