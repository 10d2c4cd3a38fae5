/*
 * The floor of the benchmark: the same commands to the same card through the same service, by libpcsclite alone.
 * floor READER COUNT HEX: prints the microseconds of each round trip, one a line.
 * gcc -O2 -o floor floor.c -I/usr/include/PCSC -lpcsclite
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void must(LONG result, const char *what) {
  if (result == SCARD_S_SUCCESS) return;
  fprintf(stderr, "%s: %s\n", what, pcsc_stringify_error(result));
  exit(1);
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  BYTE command[256];
  size_t length = strlen(argv[3]) / 2;
  if (length > sizeof command) return 2;
  for (size_t at = 0; at < length; at++) {
    unsigned byte;
    if (sscanf(argv[3] + 2 * at, "%2x", &byte) != 1) return 2;
    command[at] = (BYTE) byte;
  }
  SCARDCONTEXT context;
  SCARDHANDLE card;
  DWORD protocol;
  must(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), "establish");
  must(SCardConnect(context, argv[1], SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol), "connect");
  must(SCardBeginTransaction(card), "begin");
  const SCARD_IO_REQUEST *pci = protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
  long count = atol(argv[2]);
  for (long at = 0; at < count; at++) {
    BYTE answer[264];
    DWORD got = sizeof answer;
    double start = now();
    must(SCardTransmit(card, pci, command, length, NULL, answer, &got), "transmit");
    if (got < 2) { fprintf(stderr, "the card is gone\n"); return 1; }
    printf("%.1f\n", now() - start);
  }
  SCardEndTransaction(card, SCARD_LEAVE_CARD);
  SCardDisconnect(card, SCARD_LEAVE_CARD);
  SCardReleaseContext(context);
  return 0;
}
