/** Asks a machine for the host key it presents now. Given by the composition root, since only plugins speak SSH. */
export type HostScanner = (address: string, port: number) => Promise<string>
