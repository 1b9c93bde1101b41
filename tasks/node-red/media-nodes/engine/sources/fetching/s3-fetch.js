'use strict'

const { createHash } = require('node:crypto')
const { SignatureV4 } = require('@smithy/signature-v4')
const { Sha256, credentialsOf } = require('./aws-signer')
const { untilIdle } = require('./body')
const { FetchFault, faultOfStatus } = require('./fetch-fault')
const { webFetch } = require('./web-fetch')

const FIRST_REGION = 'us-east-1'
const NO_BODY = createHash('sha256').update('').digest('hex')
const MOST_OF_AN_ERROR = 20_000
const RENEWED_BEFORE_MS = 300_000

/** Fetches objects of S3: signs, and finds out each bucket's region by itself. */
class S3Fetch {
  #endpoint
  #region
  #check
  #answerMs
  #idleMs
  #credentials
  #kept = null
  #regions = new Map()

  /**
   * @param {object} how
   * @param {string} [how.endpoint] of another S3, such as a local cloud's; its address is not looked at
   * @param {string} [how.region] where a bucket is looked for first
   * @param {number} how.answerMs how long an answer may take
   * @param {number} how.idleMs how long what an error says may pause
   * @param {AddressCheck} how.check
   * @param {() => Promise<object>} [how.credentials] the environment's, or those of the container, without one
   */
  constructor ({ endpoint, answerMs, idleMs, region = FIRST_REGION, check, credentials = credentialsOf(process.env) }) {
    this.#endpoint = endpoint ? new URL(endpoint) : null
    this.#region = region
    this.#check = endpoint ? { check () {}, lookup: undefined } : check
    this.#credentials = credentials
    this.#answerMs = answerMs
    this.#idleMs = idleMs
  }

  /**
   * Ask for an object.
   *
   * @param {string} location `s3://bucket/key`, `?versionId=…` at its end for one version
   * @param {object} headers such as `range`
   * @returns {Promise<http.IncomingMessage>}
   * @throws {FetchFault}
   */
  async fetch (location, headers) {
    const object = parse(location)
    for (let attempt = 0; ; attempt++) {
      const region = this.#regions.get(object.bucket) ?? this.#region
      const url = this.#urlOf(object, region)
      const signed = await this.#sign(url, region, headers)
      const { response } = await webFetch(url, { headers: signed, check: this.#check, answerMs: this.#answerMs, follows: false })
      if (response.statusCode < 300) return response
      const found = response.headers['x-amz-bucket-region']
      const isElsewhere = (told) => told && told !== region && attempt < 2
      // Where the head says enough, what follows does not matter.
      if (isElsewhere(found)) response.destroy()
      const body = isElsewhere(found) ? '' : await errorOf(response, this.#idleMs)
      const told = found ?? /<Region>([a-z0-9-]+)<\/Region>/.exec(body)?.[1]
      if (isElsewhere(told)) this.#regions.set(object.bucket, told)
      else throw faultOf(response.statusCode, body, object, region)
    }
  }

  #urlOf ({ bucket, key, versionId }, region) {
    const path = key.split('/').map(encodePart).join('/')
    const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
    // A bucket whose name has dots does not match the certificate.
    const isInPath = this.#endpoint !== null || bucket.includes('.')
    const base = this.#endpoint ? this.#endpoint.origin : isInPath ? `https://s3.${region}.${suffix}` : `https://${bucket}.s3.${region}.${suffix}`
    const url = new URL(`${base}/${isInPath ? `${bucket}/` : ''}${path}`)
    if (versionId) url.search = `versionId=${encodePart(versionId)}`
    return url
  }

  async #sign (url, region, headers) {
    const credentials = await this.#credentialsNow()
    if (!credentials) return headers
    const signer = new SignatureV4({ service: 's3', region, credentials, sha256: Sha256, uriEscapePath: false })
    const { headers: signed } = await signer.sign({
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      port: url.port ? Number(url.port) : undefined,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...headers, host: url.host, 'x-amz-content-sha256': NO_BODY }
    })
    return signed
  }

  async #credentialsNow () {
    const isOld = this.#kept?.expiration && this.#kept.expiration.getTime() - Date.now() < RENEWED_BEFORE_MS
    if (this.#kept && !isOld) return this.#kept
    try {
      return this.#kept = await this.#credentials()
    } catch (error) {
      throw new FetchFault('NoCredentials', `the machine's credentials for S3 cannot be had (${error.name}). See the role of its task.`, 403)
    }
  }
}

function parse (location) {
  const [, bucket, key, versionId] = /^s3:\/\/([^/?]+)\/([^?]+)(?:\?versionId=(.+))?$/.exec(location) ?? []
  if (!key) throw new FetchFault('SourceMissing', 'this is no address of an object. Write s3://bucket/key.', 404)
  return { bucket, key, versionId }
}

/** As SigV4 writes a part of a path. */
function encodePart (part) {
  return encodeURIComponent(part).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** What an answer that is none says. @throws {FetchFault} when it does not come whole */
async function errorOf (response, idleMs) {
  const chunks = []
  let bytes = 0
  try {
    for await (const chunk of untilIdle(response, idleMs)) {
      chunks.push(chunk)
      if ((bytes += chunk.length) > MOST_OF_AN_ERROR) break
    }
  } catch (error) {
    if (error instanceof FetchFault) throw error
    throw new FetchFault('SourceFailed', `S3 answered ${response.statusCode}, and broke off while it said why (${error.code ?? error.message}). It is asked again.`)
  } finally {
    response.destroy()
  }
  return Buffer.concat(chunks).toString('utf8')
}

function faultOf (status, body, { bucket, key, versionId }, region) {
  const code = /<Code>(\w+)<\/Code>/.exec(body)?.[1]
  const what = {
    NoSuchBucket: `there is no bucket ${bucket}`, NoSuchKey: `${bucket} has no object ${key}`, NoSuchVersion: `${key} has no version ${versionId}`,
    // What is no version's id at all: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    InvalidArgument: versionId && `${key} can have no version ${versionId}`
  }[code]
  if (what) return new FetchFault('SourceMissing', `${what} in ${region}. Put it there, or name another.`, 404)
  if (code === 'AccessDenied' || code === 'AllAccessDisabled') {
    const advice = `Give the machine's role s3:GetObject${versionId ? 'Version' : ''} on it; without s3:ListBucket a missing object looks the same.`
    return new FetchFault('SourceForbidden', `${bucket} does not give ${key} (AccessDenied). ${advice}`, 403)
  }
  if (status === 301 || code === 'AuthorizationHeaderMalformed' || code === 'PermanentRedirect') {
    return new FetchFault('WrongRegion', `${bucket} is not in ${region}, and S3 does not say where. Name another bucket.`)
  }
  return faultOfStatus(status, `S3${code ? `, by ${code},` : ''}`) ?? new FetchFault('SourceFailed', `S3 answered ${status}.`)
}

module.exports = { S3Fetch, credentialsOf }
