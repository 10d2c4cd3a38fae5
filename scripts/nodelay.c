// Preloaded into pcscd for the tests: vpcd 0.8 sends every command in two pieces, which costs 44 ms each with Nagle's algorithm, and it
// listens on all addresses. What it accepts inherits TCP_NODELAY from the socket that it listens on.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

int socket(int domain, int type, int protocol) {
  static int (*real)(int, int, int);
  if (!real) real = (int (*)(int, int, int)) dlsym(RTLD_NEXT, "socket");
  int made = real(domain, type, protocol), yes = 1;
  if (made >= 0 && domain == AF_INET && (type & 0xf) == SOCK_STREAM)
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return made;
}

int bind(int made, const struct sockaddr *address, socklen_t length) {
  static int (*real)(int, const struct sockaddr *, socklen_t);
  if (!real) real = (int (*)(int, const struct sockaddr *, socklen_t)) dlsym(RTLD_NEXT, "bind");
  if (address->sa_family != AF_INET || length != sizeof(struct sockaddr_in)) return real(made, address, length);
  struct sockaddr_in here = *(const struct sockaddr_in *) address;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return real(made, (const struct sockaddr *) &here, sizeof here);
}
