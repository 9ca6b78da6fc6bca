/** What we use of S3's SDK. Loaded with `import()` alone: it is bundled apart (see `infra/bundling/bundled-apart.ts`). */
export { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
