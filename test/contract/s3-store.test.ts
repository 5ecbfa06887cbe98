import { openS3 } from '../support/s3-under-test.ts';
import { storeContract } from './store.contract.ts';

storeContract('S3', async () => {
  const { server, store } = await openS3();
  const ownKey = (key: string) => key.replace(/^nightly\/prod\//, '');
  return {
    store,
    everything: async () => server.everything().map(ownKey),
    refuseWrites: async () => void server.denied.add('s3:PutObject'),
    refuseReads: async () => {
      for (const permission of ['s3:GetObject', 's3:ListBucket']) server.denied.add(permission);
    },
    close: () => server.close(),
  };
});
