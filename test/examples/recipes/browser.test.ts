// Libraries of the page.
import { test } from 'tap'
import { checkRecipe } from './check.js'
import { BROWSER } from './browser.js'

for (const recipe of BROWSER) test(recipe.name, t => checkRecipe(t, recipe))
