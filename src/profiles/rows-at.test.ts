import { expect, it } from "vitest";
import { hostOf } from "./rows-at.ts";

it("reads the host of a URL, an address or a name", () => {
  const hosts = {
    db: "db",
    "db.team.svc:3306": "db.team.svc",
    "jdbc:postgresql://user:word@db.example.com:5432/x?ssl=true": "db.example.com",
    "postgresql+psycopg2://db/x": "db",
    "mongodb+srv://u:p@one.example.com,two.example.com/x": "one.example.com",
    "redis:6379,password=abc": "redis",
    "rediss://:word@cache:6379/0": "cache",
  };
  expect(Object.fromEntries(Object.keys(hosts).map((text) => [text, hostOf(text)]))).toEqual(hosts);
});

it("takes no piece of a password for a host, nor what is no other host", () => {
  const texts = [
    "postgresql://",
    "postgresql:///x?host=/var/run",
    "postgresql://localhost/x",
    "127.0.0.1:3306",
    "mysql://user:wo?rd@db/x",
    "user:word@db",
    "$(HOST)",
    "",
    undefined,
  ];
  expect(texts.map(hostOf)).toEqual(texts.map(() => undefined));
});
