/** A browser may name a language that it does not know itself (en-US@posix, where the locale is C): uPlot would fail before anything is shown. */
try {
  Intl.getCanonicalLocales(navigator.language)
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US' })
}
