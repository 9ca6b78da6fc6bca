/** What we use of S3's SDK. Loaded with `import()` alone, so that nothing else of it is bundled. */
export { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
