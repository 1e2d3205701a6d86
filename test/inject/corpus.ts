// Documents with a mark where the tag belongs. No mark: left alone.

export interface Sample {
  readonly name: string
  readonly html: string
  /** What it becomes, with `tag` at the mark; the same as `html` when left alone. */
  expected (tag: string): string
  readonly refused: boolean
}

const MARK = '¦'

function samples (table: Record<string, string>): Sample[] {
  return Object.entries(table).map(([name, marked]) => ({
    name,
    html: marked.replace(MARK, ''),
    expected: tag => marked.replace(MARK, () => tag),
    refused: !marked.includes(MARK)
  }))
}

/** Position `head`, asked for by who knows whom. */
export const HEADS = samples({
  'a plain document': '<!doctype html><html><head>¦<title>x</title></head><body>y</body></html>',
  'charset first': '<!DOCTYPE html>\n<html lang="en">\n<head>\n  <meta charset="utf-8">¦\n  <title>x</title>',
  'charset after a comment': '<html><head><!-- a > b --><meta charset=utf-8>¦<script>1</script>',
  'charset by http-equiv': '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">¦',
  'a meta that is no charset': '<html><head>¦<meta name="viewport" content="x"><meta charset="utf-8">',
  'a script before the charset': '<html><head>¦<script>1</script><meta charset="utf-8">',
  'an import map': '<!doctype html><head>¦<script type="importmap">{}</script>',
  'no head': '<!doctype html><html>¦<body>x</body></html>',
  'no html': '<!doctype html>¦<title>x</title>',
  'no html, but a charset': '<!doctype html><meta charset=utf-8>¦<title>x</title>',
  'doctype only': '<!doctype html>¦',
  'body only': '¦<body class="a">x</body>',
  'body after a comment': '<!-- a --> ¦<body>x',
  'doctype and body': '<!doctype html>\n¦<body>x</body>',
  'comments behind the doctype': '<!doctype html>\n<!-- a --> ¦<title>x</title>',
  'a comment before a head that is not there': '<html> <!-- a --> ¦<p>x',
  'head only': '<head>¦<title>x</title></head>',
  'a second head': '<html><head>¦<head><title>x',
  'html after head': '<head>¦<html><title>x',
  'a header is no head': '<html>¦<header>x</header></html>',
  'an element whose name begins like html': '<htmlx><head></head></htmlx>',
  'upper case': '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd"><HTML><HEAD>¦<TITLE>x</TITLE></HEAD>',
  'XHTML served as HTML': '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head />¦<title/>',
  'byte order mark': '\uFEFF<!doctype html><head>¦<title>é</title>',
  'byte order mark before a body': '\uFEFF¦<body>é</body>',
  'comments before and between': '<!-- <head> --><!doctype html><!--x--><html><!-- <body> --><head>¦x',
  'empty comments': '<!--><!---><!doctype html><html>¦<p>',
  'a comment that ends oddly': '<!-- a --!><!doctype html><!-- -->¦',
  'a comment that ends twice': '<!-- a --> --!><!doctype html>',
  'a bogus comment': '<!x><!doctype html>¦y',
  'a short bogus comment': '<!-x><!doctype html>¦y',
  'end tags of what never began': '<html></td></table a=">"><!-- a -->¦<p>x',
  'end tags without a name': '<html></ x></>¦<p>x',
  'an end tag of a break is one': '<html>¦</br><!-- a -->',
  'a head that ends before it began': '<html>¦</head><!-- a -->',
  'the end within an end tag': '<html>¦</',
  'the end within the name of an end tag': '<html>¦</td',
  'the end within the attributes of an end tag': '<html>¦</td a="',
  'the end within an end tag without a name': '<html>¦</ x',
  'quoted brackets': '<html data-a="</head>" data-b=\'<body>\' data-c = ">"><head data-x=">">¦<title>',
  'unquoted values with quotes': '<html a=b\'c><head a=">\'" b=\'">\'>¦',
  'quotes without a value': '<html "><head \'>¦x',
  'a value that is missing': '<html a=><head a= >¦x',
  'attributes without a space': '<html a="1"b="2"c><head/a>¦x',
  'space of every kind': ' \t\r\n\f<html\n><head\t> \f¦<p>',
  'latin1 letters in an attribute': '<html title="äöü"><head>¦<title>äöü</title>',
  'doctype cut': '<!doctype html',
  'html cut': '<!doctype html>¦<html lang="',
  'html cut after a name': '<!doctype html>¦<html',
  'html cut at a value': '<!doctype html>¦<html a=',
  'html cut within a value': '<!doctype html>¦<html a=b',
  'html cut before a value': '<!doctype html>¦<html a= ',
  'head never closed': '<html><head>¦',
  'a comment never closed': '<html>¦<!-- <head>',
  'a tag never begun': '<html>¦<',
  'a declaration never closed': '<html>¦<?x',
  'declaration begun': '<html>¦<!',
  'a fragment': '<li>one</li>',
  'a fragment with text first': 'x <html>',
  'a fragment after a comment': '<!-- htmx --><div>x</div>',
  'a fragment with an end tag': '</p><html>',
  'a fragment with a charset': '<meta charset="utf-8"><title>x</title>',
  'only a comment': '<!-- x -->',
  'only space': ' \n ',
  'a comment that goes on': '<!-- <html>'
})

/** Position `body`. */
export const BODIES = samples({
  'a plain document': '<!doctype html><html><body>x¦</body></html>\n',
  'upper case': '<HTML><BODY>x¦</BODY\n></HTML>',
  'no body end': '<html><body>x¦</html>',
  'no end at all': '<html><body>x¦',
  'an end cut': '<html><body>x¦</body',
  'an element whose name begins like body': '<html><p></bodyx>¦</html>',
  'in a script before': '<html><body><script>"</body>"</script>x¦</body></html>',
  'in a script, and no other': '<html><body><script>"</body>"</script>x¦</html>',
  'in a style': '<html><body>¦</body><style>/* </body> */</style>',
  'in a comment after': '<html><body>x¦</body><!-- </body> --></html>',
  'in a comment before': '<html><body><!-- </body> -->x¦</body><!-- x --></html>',
  'html in a comment after': '<html>x¦</html><!-- </html> -->',
  'in a textarea': '<html><body><textarea></body></html></textarea>x¦',
  'in a title': '<html><title></body></title>x¦</html>',
  'a script after': '<html><body>x¦</body><script>a --> b</script></html>',
  twice: '<html><body>x</body><p>y¦</body></html>',
  'element that begins like a script': '<html><body>x¦</body></scripty></html>',
  'in a template': '<html><body>x<template></body></html></template>¦</body></html>',
  'in an attribute': '<html><body>x<p title="</body>">y¦</html>',
  'in a script in a comment in a script': '<html><body>x<script><!-- <script></body></script> </body> --></script>¦</html>',
  'in an SVG': '<html><body><svg><style></body></style><title><textarea></body></textarea></title></svg>y¦</body>',
  'a comment that seems to end at once': '<html><body>x<!--!> </body> -->y¦</body>',
  'in SVG and out of it': '<html><body><svg><foreignObject><p></foreignObject><g/><p>y¦</body>',
  'a font in SVG, and CDATA': '<html><body><svg><![CDATA[</body>]]><mi></mi></svg>y¦</body>',
  'html within a template, and a body behind': '<html><template></html><frameset></template>¦</body>',
  'in a frameset': '<html><head></head>¦<frameset><frame></frameset></html>',
  'none at all: a comment goes on': '<html><body>x<!-- </body>',
  'none at all: a script goes on': '<html><body>x<script></body></html>',
  'none at all: a template goes on': '<html><body>x<template></body>',
  'none at all: a tag goes on': '<html><body>x<p title="</body>',
  'none at all: plain text goes on': '<html><body>x<plaintext></plaintext></body>',
  'no document': '<p>x</p></body>'
})
