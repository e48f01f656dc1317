#include <array>
#include <optional>
#include <string>

#include "base/random.h"
#include "patchbay/testing/chaos.hpp"
#include "plugin_tools/contract.h"
#include "plugin_tools/plugin_under_test.h"

/// Protocols on bytes that nobody meant, and random sequences of everything. The seed makes them again.
namespace patchbay::plugin_tools {

namespace {

using Random = base::SeededRandom;

std::string random_bytes(Random& random, size_t most) {
  std::string bytes(random.next() % (most + 1), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.next());
  return bytes;
}

/// Text of the kind that protocols are made of, cut and mixed.
std::string random_text(Random& random) {
  constexpr std::string_view kParts[] = {"CONNECT",
                                         "\n",
                                         "\r\n",
                                         "\0",
                                         ":",
                                         "/",
                                         " ",
                                         "a",
                                         "topic",
                                         "{",
                                         "}",
                                         "\"",
                                         "+",
                                         "#",
                                         "$share/",
                                         "1",
                                         "-1",
                                         "99999999999999999999",
                                         "\xF0\x9F\x94\x8C",
                                         "\xff"};
  std::string text;
  for (size_t count = random.next() % 24; count > 0; --count) text += kParts[random.next() % std::size(kParts)];
  return text;
}

bool has_protocol(Contract& contract, PluginUnderTest& plugin) {
  if (!plugin.start()) return false;
  if (plugin.host().protocol.protocol != nullptr) return true;
  contract.skip("it is no protocol");
  plugin.end();
  return false;
}

uint32_t transport_of(PluginUnderTest& plugin) {
  const auto& protocol = plugin.host().protocol;
  const auto* description = protocol.protocol->describe(protocol.plugin_self);
  const bool stream = (description->transports & (PATCHBAY_TRANSPORT_TCP | PATCHBAY_TRANSPORT_TLS)) != 0;
  return stream ? PATCHBAY_TRANSPORT_TCP : PATCHBAY_TRANSPORT_UDP;
}

void garbage(Contract& contract) {
  PluginUnderTest plugin(contract, {.views = testing::views::fence});
  if (!has_protocol(contract, plugin)) return;
  const uint32_t transport = transport_of(plugin);
  Random random(contract.seed());
  for (uint32_t round = 0; round < contract.runs(); ++round) {
    const auto client = plugin.host().protocol.connect(transport);
    for (int piece = 0; piece < 20 && !client->closed(); ++piece) {
      client->feed(random.next() % 2 == 0 ? random_bytes(random, 300) : random_text(random));
      if (random.next() % 8 == 0) plugin.host().advance(std::chrono::seconds(random.next() % 90));
      if (random.next() % 16 == 0) client->kick();
    }
    if (random.next() % 2 == 0) client->close_by_peer();
  }
  plugin.end();
}

/// The same bytes at once and one by one must come to the same output.
void byte_by_byte(Contract& contract) {
  PluginUnderTest plugin(contract, {.views = testing::views::fence});
  if (!has_protocol(contract, plugin)) return;
  const uint32_t transport = transport_of(plugin);
  Random random(contract.seed());
  for (uint32_t round = 0; round < contract.runs() && transport == PATCHBAY_TRANSPORT_TCP; ++round) {
    const std::string bytes = random_text(random) + random_bytes(random, 40);
    const auto whole = plugin.host().protocol.connect(transport);
    const auto pieces = plugin.host().protocol.connect(transport);
    whole->feed(bytes);
    pieces->feed_byte_by_byte(bytes);
    if (!contract.expect(whole->closed() == pieces->closed(),
                         "bytes that come one by one end otherwise than bytes that come at once; seed " +
                             std::to_string(contract.seed()))) {
      break;
    }
  }
  plugin.end();
}

EventInput random_input(Random& random) {
  EventInput input;
  input.client_id = "client-" + std::to_string(random.next() % 7);
  if (random.next() % 4 == 0) input.client_id = random_text(random);
  if (random.next() % 2 == 0) input.username = random_text(random);
  if (random.next() % 2 == 0) input.topic = random_text(random);
  if (random.next() % 2 == 0) input.topic_filter = random_text(random);
  if (random.next() % 2 == 0) input.text = random_text(random);
  if (random.next() % 2 == 0) input.payload = random_bytes(random, 2'000);
  input.qos = static_cast<uint8_t>(random.next() % 3);
  input.retain = random.next() % 2 == 0;
  input.list_size = random.next() % 5;
  return input;
}

using SettingsTexts = std::array<std::optional<std::string>, 3>;

/// One life of random steps.
void random_life(Contract& contract, Random& random, const SettingsTexts& texts) {
  PluginUnderTest plugin(contract, {.views = testing::views::fence});
  if (!plugin.start(static_cast<uint32_t>(random.next() % 2))) return;
  const auto hooks = plugin.hooks();
  testing::chaos chaos(plugin.host(), random.next());
  std::vector<testing::answer> open;
  for (size_t step = 0, steps = random.next() % 200; step < steps; ++step) {
    const uint64_t what = random.next() % 12;
    if (what < 8 && !hooks.empty()) {
      open.push_back(ask(plugin.host(), hooks[random.next() % hooks.size()], random_input(random)));
    } else if (what == 8) {
      plugin.host().advance(std::chrono::milliseconds(random.next() % 3'000));
    } else if (what == 9 && !open.empty()) {
      plugin.host().points.client_gone(open[random.next() % open.size()]);
    } else if (what == 10) {
      plugin.host().fail_after(random.next() % 20, static_cast<patchbay_status>(random.next() % 13 + 1));
    } else if (const auto& settings = texts[random.next() % texts.size()]) {
      static_cast<void>(plugin.host().configure(*settings));
    }
  }
  plugin.host().fail_after(0, PATCHBAY_OK, 0);
  plugin.end();
}

void random_lives(Contract& contract) {
  SettingsTexts texts;  // made once: a plugin without hooks takes little else
  for (uint32_t i = 0; i < texts.size(); ++i) texts[i] = settings_for(contract, i);
  for (uint32_t round = 0; round < contract.runs(); ++round) {
    Random random(contract.seed() + round);
    random_life(contract, random, texts);
  }
}

}  // namespace

std::vector<ContractTest> kind_tests() {
  return {{"protocol", "garbage", &garbage},
          {"protocol", "byte by byte", &byte_by_byte},
          {"fuzz", "random lives", &random_lives}};
}

}  // namespace patchbay::plugin_tools
