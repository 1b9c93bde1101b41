'use strict'

/** The upload that pieces belong to is no more: somebody completed or aborted it. */
class UploadGone extends Error {
  constructor (location) {
    super(`UploadGone: S3 knows the upload of ${location} no more. A new file is begun.`)
    this.name = 'UploadGone'
  }
}

/** What is wrong, by S3's own codes, and what to do about it. */
const CAUSES = {
  NoSuchBucket: (bucket) => `BucketMissing: there is no bucket ${bucket}. Make it; until then what is for it waits on the machine.`,
  AccessDenied: (bucket) => `BucketForbidden: the machine may not write to ${bucket}. Deploy with --media-buckets ${bucket}, and see the bucket's policy and key.`,
  PermanentRedirect: (bucket) => `WrongRegion: ${bucket} is in another region, and S3 does not say in which. Name another bucket.`
}
const KEY_CODES = /^KMS\.|^KMS/

/** What S3's refusal of what is to be kept there means, for a person. */
function s3Fault (error, { bucket }) {
  const code = error.Code ?? error.code ?? error.name
  if (CAUSES[code]) return CAUSES[code](bucket)
  if (KEY_CODES.test(code)) return `KeyUnusable: ${bucket} encrypts with a key that the machine may not use (${code}). Deploy again: --media-buckets finds the key.`
  return `S3Unreachable: ${bucket} does not take what is sent (${code}). It is tried again, and nothing is lost meanwhile.`
}

module.exports = { UploadGone, s3Fault }
