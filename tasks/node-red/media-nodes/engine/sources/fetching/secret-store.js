'use strict'

const { SignatureV4 } = require('@smithy/signature-v4')
const { Sha256, credentialsOf } = require('./aws-signer')
const { passphrase: passphraseRule } = require('../../../resources/media-values')

const SERVICE = 'secretsmanager'
const ANSWER_MS = 10_000
/** A passphrase that was changed holds after so long. */
const KEPT_MS = 60_000
const CAUSES = {
  ResourceNotFoundException: 'there is no such secret. Make it, or name another.',
  AccessDeniedException: 'the machine may not read it. Its role reads organist/STACK/… alone, with AWS\'s own key.'
}

/** A passphrase cannot be had; the message says why and what to do, and never what it is. */
class SecretUnreadable extends Error {
  constructor (text) {
    super(`SecretUnreadable: ${text}`)
    this.name = 'SecretUnreadable'
  }
}

/** Reads passphrases of Secrets Manager by their names. */
class SecretStore {
  #endpoint
  #region
  #credentials
  #now
  #rule
  #kept = new Map()

  /**
   * @param {object} how
   * @param {string} [how.endpoint] of another Secrets Manager, such as a local cloud's
   * @param {string} [how.region]
   * @param {() => Promise<object>} [how.credentials] the environment's, or those of the container, without one
   * @param {() => number} [how.now] ms, monotonic
   * @param {(value: string) => string|null} [how.rule] null, or what a secret must be; a passphrase of SRT's without one
   */
  constructor ({ endpoint, region, credentials = credentialsOf(process.env), now = () => performance.now(), rule = passphraseRule } = {}) {
    this.#endpoint = endpoint
    this.#region = region
    this.#credentials = credentials
    this.#now = now
    this.#rule = rule
  }

  /**
   * @param {string} name of the secret
   * @returns {Promise<string>} the passphrase
   * @throws {SecretUnreadable}
   */
  async read (name) {
    const kept = this.#kept.get(name)
    if (kept && this.#now() - kept.at < KEPT_MS) return kept.passphrase
    const passphrase = await this.#ask(name)
    const wrong = this.#rule(passphrase)
    if (wrong) throw new SecretUnreadable(`what ${name} holds ${wrong}. Put the plain text there.`)
    this.#kept.set(name, { passphrase, at: this.#now() })
    return passphrase
  }

  async #ask (name) {
    if (!this.#region) throw new SecretUnreadable(`${name} cannot be looked for: AWS_REGION is not set. Deploy again.`)
    const request = await this.#signed(JSON.stringify({ SecretId: name }), await this.#credentialsFor(name))
    try {
      const response = await fetch(this.#url, { ...request, signal: AbortSignal.timeout(ANSWER_MS) })
      const answer = await response.json()
      if (response.ok) return answer.SecretString
      const code = String(answer.__type ?? response.status).split('#').at(-1)
      throw new SecretUnreadable(`${name}: ${CAUSES[code] ?? `Secrets Manager answered ${code}.`}`)
    } catch (error) {
      if (error instanceof SecretUnreadable) throw error
      throw new SecretUnreadable(`${name}: Secrets Manager gives no answer (${error.cause?.code ?? error.name}). It is asked again.`)
    }
  }

  async #credentialsFor (name) {
    const credentials = await this.#credentials().catch((error) => {
      throw new SecretUnreadable(`${name}: the machine's credentials cannot be had (${error.name}). See the role of its task. They are asked for again.`)
    })
    if (!credentials) throw new SecretUnreadable(`${name}: the machine has no credentials: the role of its task is missing. Deploy again.`)
    return credentials
  }

  get #url () {
    const suffix = this.#region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
    return new URL(this.#endpoint ?? `https://${SERVICE}.${this.#region}.${suffix}`)
  }

  #signed (body, credentials) {
    const url = this.#url
    const signer = new SignatureV4({ service: SERVICE, region: this.#region, credentials, sha256: Sha256 })
    return signer.sign({
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      port: url.port ? Number(url.port) : undefined,
      path: '/',
      headers: { host: url.host, 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${SERVICE}.GetSecretValue` },
      body
    })
  }
}

module.exports = { SecretStore, SecretUnreadable }
