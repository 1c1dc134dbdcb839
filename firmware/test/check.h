// A test harness of one page: TEST registers, CHECK tells what was expected and what came.
#pragma once

#include <stdint.h>

#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace check {

struct Test {
  const char *name;
  void (*run)();
};

inline std::vector<Test> &tests() {
  static std::vector<Test> all;
  return all;
}

inline int &failures() {
  static int count = 0;
  return count;
}

struct Registration {
  Registration(const char *name, void (*run)()) { tests().push_back(Test{name, run}); }
};

inline std::string textOf(const std::vector<uint8_t> &bytes) {
  std::ostringstream text;
  for (uint8_t byte : bytes) text << std::hex << int(byte) << ' ';
  return text.str();
}
inline std::string textOf(const std::string &text) { return text; }
inline std::string textOf(long long value) { return std::to_string(value); }

template <typename Got, typename Wanted>
void same(const Got &got, const Wanted &wanted, const char *what, const char *file, int line) {
  if (got == static_cast<Got>(wanted)) return;
  ++failures();
  std::cerr << file << ':' << line << ": " << what << " is " << textOf(got) << ", expected "
            << textOf(static_cast<Got>(wanted)) << '\n';
}

}  // namespace check

#define TEST(name)                                                        \
  static void name();                                                     \
  static const check::Registration name##Registration(#name, &name);      \
  static void name()

#define CHECK_SAME(got, wanted) check::same(got, wanted, #got, __FILE__, __LINE__)
#define CHECK(condition) check::same(static_cast<long long>(static_cast<bool>(condition)), 1LL, #condition, __FILE__, __LINE__)
