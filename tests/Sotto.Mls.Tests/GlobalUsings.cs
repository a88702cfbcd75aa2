global using Sotto.Crypto;
global using Sotto.Mls.Presentation;
global using Sotto.Mls.Suites;
