'use strict'

/**
 * The process of one destination, of which OUTPUT_DEFINITION tells, with the programme's transport stream on its standard input.
 *
 * It reads the key or the passphrase by itself, of Secrets Manager. Each second a line of JSON on standard output tells how it goes; what ends
 * it is an `[error]` line on standard error.
 */

const { SecretStore } = require('../../sources/fetching/secret-store')
const { DESTINATIONS } = require('./kinds')
const values = require('../../../resources/media-values')

const TELL_MS = 1000
/** What a secret of Secrets Manager may be. */
const RULES = { rtmp: values.streamKeyOfOthers, srt: values.passphrase }

const time = { setTimeout: (action, ms) => setTimeout(action, ms), clearTimeout: (timer) => clearTimeout(timer) }

async function main ({ OUTPUT_DEFINITION, AWS_ENDPOINT_URL: endpoint, AWS_REGION: region }) {
  const { ffmpegPath, ...definition } = JSON.parse(OUTPUT_DEFINITION)
  const told = { state: 'sending', to: definition.to, connectedSince: null, bytes: 0 }
  process.stdout.on('error', () => {})
  const timer = setInterval(() => process.stdout.write(JSON.stringify(told) + '\n'), TELL_MS)
  const secrets = new SecretStore({ endpoint: endpoint || undefined, region: region || undefined, rule: RULES[definition.to] })
  const secret = definition.secret ? await secrets.read(definition.secret) : definition.passphrase
  const sent = (bytes) => {
    if (bytes > told.bytes) told.connectedSince ??= new Date().toISOString()
    told.bytes = bytes
  }
  await DESTINATIONS[definition.to](definition, secret, { ffmpegPath, sent, time })
  clearInterval(timer)
}

main(process.env).catch((error) => {
  process.stderr.write(`[error] ${error.message}\n`)
  process.exit(1)
})
