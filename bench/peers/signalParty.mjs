// One libsignal device with its stores in memory.
import {
  groupDecrypt, groupEncrypt, IdentityChange, IdentityKeyPair, IdentityKeyStore, KEMKeyPair, KyberPreKeyRecord, KyberPreKeyStore,
  PreKeyBundle, PreKeyRecord, PreKeySignalMessage, PreKeyStore, PrivateKey, processPreKeyBundle, processSenderKeyDistributionMessage,
  ProtocolAddress, SenderKeyDistributionMessage, SenderKeyRecord, SenderKeyStore, SessionRecord, SessionStore, signalDecrypt,
  signalDecryptPreKey, signalEncrypt, SignalMessage, SignedPreKeyRecord, SignedPreKeyStore,
} from "@signalapp/libsignal-client";
import { randomInt, randomUUID } from "node:crypto";

class Sessions extends SessionStore {
  #records = new Map();
  async saveSession(address, record) { this.#records.set(address.toString(), record.serialize()); }
  async getSession(address) {
    const stored = this.#records.get(address.toString());
    return stored === undefined ? null : SessionRecord.deserialize(stored);
  }
  async getExistingSessions(addresses) { return Promise.all(addresses.map((a) => this.getSession(a))); }
}

class Identities extends IdentityKeyStore {
  #known = new Map();
  key = PrivateKey.generate();
  registration = randomInt(1, 16_000);
  async getIdentityKey() { return this.key; }
  async getIdentityKeyPair() { return new IdentityKeyPair(this.key.getPublicKey(), this.key); }
  async getLocalRegistrationId() { return this.registration; }
  async saveIdentity(address, key) { this.#known.set(address.toString(), key); return IdentityChange.NewOrUnchanged; }
  async isTrustedIdentity() { return true; }
  async getIdentity(address) { return this.#known.get(address.toString()) ?? null; }
}

class OneTimeKeys extends PreKeyStore {
  #records = new Map();
  async savePreKey(id, record) { this.#records.set(id, record.serialize()); }
  async getPreKey(id) { return PreKeyRecord.deserialize(this.#records.get(id)); }
  async removePreKey(id) { this.#records.delete(id); }
}

class SignedKeys extends SignedPreKeyStore {
  #records = new Map();
  async saveSignedPreKey(id, record) { this.#records.set(id, record.serialize()); }
  async getSignedPreKey(id) { return SignedPreKeyRecord.deserialize(this.#records.get(id)); }
}

class KemKeys extends KyberPreKeyStore {
  #records = new Map();
  async saveKyberPreKey(id, record) { this.#records.set(id, record.serialize()); }
  async getKyberPreKey(id) { return KyberPreKeyRecord.deserialize(this.#records.get(id)); }
  async markKyberPreKeyUsed() {}
}

class SenderKeys extends SenderKeyStore {
  #records = new Map();
  async saveSenderKey(sender, group, record) { this.#records.set(sender.toString() + group, record.serialize()); }
  async getSenderKey(sender, group) {
    const stored = this.#records.get(sender.toString() + group);
    return stored === undefined ? null : SenderKeyRecord.deserialize(stored);
  }
}

export class SignalParty {
  address = ProtocolAddress.new(randomUUID(), 1);
  #sessions = new Sessions();
  #identities = new Identities();
  #oneTime = new OneTimeKeys();
  #signed = new SignedKeys();
  #kem = new KemKeys();
  #senderKeys = new SenderKeys();

  /** Fresh one-time, signed and KEM keys, stored, and the bundle of their public halves. */
  async bundle() {
    const { key, registration } = this.#identities;
    const [oneTime, signed, kem] = [PrivateKey.generate(), PrivateKey.generate(), KEMKeyPair.generate()];
    const signature = key.sign(signed.getPublicKey().serialize());
    const kemSignature = key.sign(kem.getPublicKey().serialize());
    await this.#oneTime.savePreKey(1, PreKeyRecord.new(1, oneTime.getPublicKey(), oneTime));
    await this.#signed.saveSignedPreKey(1, SignedPreKeyRecord.new(1, Date.now(), signed.getPublicKey(), signed, signature));
    await this.#kem.saveKyberPreKey(1, KyberPreKeyRecord.new(1, Date.now(), kem, kemSignature));
    return PreKeyBundle.new(
      registration, 1, 1, oneTime.getPublicKey(), 1, signed.getPublicKey(), signature, key.getPublicKey(), 1, kem.getPublicKey(), kemSignature);
  }

  start(other, bundle) {
    return processPreKeyBundle(bundle, other.address, this.address, this.#sessions, this.#identities);
  }

  async encrypt(other, data) {
    return (await signalEncrypt(data, other.address, this.address, this.#sessions, this.#identities)).serialize();
  }

  decryptFirst(other, bytes) {
    return signalDecryptPreKey(
      PreKeySignalMessage.deserialize(bytes), other.address, this.address, this.#sessions, this.#identities, this.#oneTime, this.#signed, this.#kem);
  }

  decrypt(other, bytes) {
    return signalDecrypt(SignalMessage.deserialize(bytes), other.address, this.address, this.#sessions, this.#identities);
  }

  async newSenderKey(group) {
    return (await SenderKeyDistributionMessage.create(this.address, group, this.#senderKeys)).serialize();
  }

  acceptSenderKey(other, bytes) {
    return processSenderKeyDistributionMessage(other.address, SenderKeyDistributionMessage.deserialize(bytes), this.#senderKeys);
  }

  async encryptToGroup(group, data) {
    return (await groupEncrypt(this.address, group, this.#senderKeys, data)).serialize();
  }

  decryptFromGroup(other, bytes) {
    return groupDecrypt(other.address, this.#senderKeys, bytes);
  }
}
