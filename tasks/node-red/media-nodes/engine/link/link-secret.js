'use strict'

const { createHmac, timingSafeEqual } = require('node:crypto')

/** What proves that the far end of a link knows its passphrase, for one nonce; the passphrase itself is never sent. */
function proofOf (passphrase, nonce) {
  return createHmac('sha256', passphrase).update(`organist link ${nonce}`).digest('hex')
}

function isProof (passphrase, nonce, proof) {
  const [expected, given] = [proofOf(passphrase, nonce), String(proof)]
  return expected.length === given.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given))
}

module.exports = { isProof, proofOf }
