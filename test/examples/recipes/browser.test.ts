// Libraries of the page, and Vite's own updates: each save is one of them.
import { test } from 'tap'
import { checkRecipe } from './check.js'
import { BROWSER } from './browser.js'

for (const recipe of BROWSER) test(recipe.name, t => checkRecipe(t, recipe))
