// Writes the HTML around a page.
const plain = text => text.replace(/[&<>"]/g, sign => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign])

export const render = (page, pages) => `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${plain(page.title)}</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="style.css">
</head>
<body>
  <nav aria-label="Pages">${pages.map(({ output, title }) => `
    <a href="${output}"${output === page.output ? ' aria-current="page"' : ''}>${plain(title)}</a>`).join('')}
  </nav>
  <main>
${page.html}  </main>
</body>
</html>
`
