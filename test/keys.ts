import ssh2 from 'ssh2'

/** A new key pair that can be read back: one in a few hundred that ssh2 makes cannot (it drops leading zeros), which would fail a test by chance. */
export function newKeyPair(): { readonly private: string; readonly public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519')
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair
  }
}
