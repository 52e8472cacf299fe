Console.Error.WriteLine("teal");
return 2;
