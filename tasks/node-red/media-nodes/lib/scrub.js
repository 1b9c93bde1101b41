'use strict'

const CREDENTIALS_IN_URL = /(\w+:\/\/)[^\s/@]+@/g
const PASSPHRASE_OPTION = /(passphrase=)[^\s&:]*/gi

/** Take the secrets out of a text that FFmpeg printed, before anybody sees it. */
function scrub (text, secrets) {
  let clean = text
  for (const secret of secrets.filter(Boolean)) clean = clean.replaceAll(secret, '***')
  return clean.replace(PASSPHRASE_OPTION, '$1***').replace(CREDENTIALS_IN_URL, '$1***@')
}

module.exports = { scrub }
