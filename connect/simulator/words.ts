/** The words that invented artists and titles are made of, by language. Any likeness to real names is chance. */
export interface Words {
  readonly given: readonly string[]
  readonly family: readonly string[]
  /** A band is a head, or a head and a tail. */
  readonly bandHeads: readonly string[]
  readonly bandTails: readonly string[]
  /** A title is a head and a tail, or a phrase. */
  readonly heads: readonly string[]
  readonly tails: readonly string[]
  readonly phrases: readonly string[]
}

const list = (text: string): string[] => text.split('|')
const pairs = (first: string, second: string): string[] => list(first).flatMap(a => list(second).map(b => `${a} ${b}`))

const en: Words = {
  given: list(
    'Mara|Odette|Silas|Juniper|Rowan|Tess|Calder|Imogen|Wyatt|Della|Ansel|Priya|Corin|Maeve|Otis|Linnea|Jude|Hollis|Wren|Bram|Etta|Kit|Saskia|Theo'
  ),
  family: list(
    'Vale|Hartwell|Okoro|Lindqvist|Marlowe|Quill|Ashdown|Penhallow|Fenwick|Tran|Osei|Calloway|Bright|Whitlock|Sorrel|Dunmore|Castellane|Ives|Thorne|Ridley|Hale|Abara|Winslow|Kestrel'
  ),
  bandHeads: pairs(
    'Paper|Low|Velvet|Night|Saltwater|Quiet|Glass|Copper|Summer|Northbound|Hollow|Second|Neon|Feral|Tin|Lost|Slow|Borrowed|Winter|Marble|Static|Pale|Lemon|Ghost|Analog|Tidal|Ember|Crooked|Satellite|Tangerine',
    'Lanterns|Orchard|Antlers|Ferry|Choir|Engines|Meridian|Wolves|Telegraph|Kites|Pines|Harbour|Allotment|Postcards|Cathedral|Umbrellas|Comets|Coats|Arcade|Foxes|Gardens|Motorway|Bakery|Sparrows|Clerks|Parade|Lighthouse|Tarpaulin|Librarians|Weathermen'
  ),
  bandTails: [],
  heads: list(
    'Midnight|Yellow Light|Every Window|Half a Letter|The Long Way|Your Shadow|Cold Coffee|One More Street|Paper Boats|Slow Hands|All the Rivers|A Room|Second Summer|Honey|Broken Radio|The Last Train|Static|Golden Hour|Little Fires|Empty Pools|Wild Mint|October|Satellites|The Quiet|Loose Change|Silver Roads|Strange Weather|Running|Tall Grass|Telephone|Cinnamon|Old Maps|Ferris Wheels|Your Handwriting|Blackberries|A Hundred Doors|Thin Ice|Photographs|The Neighbours|Violet|Both Sides|Rooftops|Lost Keys|Sunday Shirts|Fireflies|The Deep End|Postcards|My Better Half|Gravel|Ordinary Magic'
  ),
  tails: list(
    'in the Rain|Without You|on Fire|After Dark|Over the Harbour|for Two|Again|at Dawn|in Reverse|Down South|by Heart|Under Water|in the Kitchen|on the Ceiling|Before Sunday|in My Pocket|of Glass|Across Town|in Slow Motion|to Nowhere|(Hold On)|All Winter|Left Behind|from Here|of Our Own|in Colour|on Mute|Between Us|at the Door|Past Midnight|in July|for the Drive|on Repeat|Behind Your Eyes|Uphill|at Low Tide|with Strangers|in Stereo|Next Door|Like You Said|off the Coast|in Any Language|(Interlude)|by the Window|Out of Season|for Free|That Year'
  ),
  phrases: list(
    'Stay a While|Don’t Wait Up|Overgrown|Call It Love|Undertow|Somebody Else’s Car|Tell Me Twice|Afterglow Avenue|Wind It Back|Hometown Gravity|Say It Plain|Backseat Astronomy|Leave the Light On|Pretend|Nothing to Lose but Time|Soft Landing|Good Bones|Carry Me Over|Sugar & Smoke|Thirty Nights'
  )
}

const es: Words = {
  given: list('Marisol|Joaquín|Lucero|Iker|Noelia|Thiago|Ximena|Rafa|Alondra|Nico|Itzel|Bruno'),
  family: list('Santacruz|Belmonte|Quiroga|Ibarra|Montesol|Arriaga|Valdivieso|Luna Rey|Cárdenas|Olmedo|Zafra|Riquelme'),
  bandHeads: list(
    'Los Faroles|Las Mareas|Calle Turquesa|Barrio Eléctrico|La Última Cena|Los Perros Azules|Ciudad Limón|Santa Lluvia|Las Golondrinas|Tren Nocturno'
  ),
  bandTails: list('del Sur|de Abril|de Medianoche|del Puerto|sin Nombre'),
  heads: list('La noche|El mar|Tu boca|Mi ciudad|Un domingo|Las ventanas|Otra canción|El verano|Tus manos|La carretera|Una luz|El fuego'),
  tails: list(
    'sin ti|de papel|en llamas|de abril|bajo la lluvia|que no vuelve|a medianoche|del norte|en silencio|de los dos|contra el viento'
  ),
  phrases: list('Quédate|Otra vez|No me llames|Bailando solo|Dime la verdad|Báilame lento|Ya no duele|Hasta que amanezca|Como antes|Me voy')
}

const pt: Words = {
  given: list('Tainá|Caio|Iara|Benício|Luana|Davi|Rosa|Zeca|Marina|Ravi'),
  family: list('do Vale|Figueira|Sampaio|Amoroso|da Luz|Paranhos|Azevedo|Tavares|Mirim|Serrano'),
  bandHeads: list('Os Marinheiros|Maré Alta|Trio Ipê|Quintal Azul|As Andorinhas|Banda Jabuticaba|Sereno|Rua da Ladeira'),
  bandTails: list('do Morro|da Manhã|de Janeiro|do Recôncavo'),
  heads: list('A saudade|O samba|Teu olhar|A chuva|Meu bairro|Uma rede|O sol|Nossa praia|A varanda|O vento'),
  tails: list('de manhã|de janeiro|no quintal|sem fim|que ficou|à beira-mar|do meu bem|em paz|de nós dois'),
  phrases: list('Deixa Estar|Devagarinho|Amanhece|Vem Cá|Fica Mais|Quase Nada|Tarde de Domingo|Sem Pressa')
}

const fr: Words = {
  given: list('Élodie|Bastien|Clémence|Anouk|Lucien|Solène|Maël|Inès|Achille|Margaux'),
  family: list('Vauclair|Delorme|Rivoire|Chastain|Belcourt|Aubray|Montclar|Lenoir-Petit|Sauvageon|Duval-Roche'),
  bandHeads: list(
    'Les Nuits Blondes|Papier Mâché Club|Grand Boulevard|Les Enfants Terribles du Lac|Minuit Vingt|Place Turquoise|Les Garde-Fous|Rivage'
  ),
  bandTails: list('Orchestre|de Nuit|& Cie|Express'),
  heads: list('La pluie|Ton silence|Le dernier métro|Une lettre|Les vagues|Mon quartier|Le matin|Nos étés|La chambre|Un dimanche'),
  tails: list('sur les toits|sans toi|de papier|à minuit|en hiver|qui danse|d’ailleurs|pour deux|au ralenti|de novembre'),
  phrases: list('Reste encore|Je m’en vais|Dis-le moi|Encore une fois|À demain|Presque rien|Parle plus bas|Tout va bien')
}

const de: Words = {
  given: list('Jonas|Frida|Lennart|Mila|Anselm|Greta|Veit|Romy|Kolja|Thea'),
  family: list('Morgenroth|Sommerfeld|Brandauer|Weidenbach|Lichtner|Halberg|Krüssmann|Nachtigal|Ostermai|Wieland'),
  bandHeads: list('Fernlicht|Halbzeit Sonne|Drei Meter Blau|Stille Post|Nachtexpress|Papierflieger|Hafenlicht|Kaltes Klares'),
  bandTails: list('Nord|Kollektiv|& Söhne|Orchester'),
  heads: list('Das Licht|Ein Sommer|Dein Schatten|Die Stadt|Der Regen|Ein Brief|Die Straße|Mein Fenster|Der letzte Bus|Die Zeit'),
  tails: list('ohne dich|im Regen|bei Nacht|aus Glas|am Meer|in Farbe|zu zweit|im Dezember|hinter uns|nach Süden'),
  phrases: list('Bleib noch|Alles auf Anfang|Wach bis vier|Sag nichts|Immer wieder|Halt mich fest|Weit weg|Morgen früh')
}

const it: Words = {
  given: list('Ginevra|Tommaso|Fiamma|Elio|Noemi|Leandro|Stella|Ruggero'),
  family: list('Valsecchi|Montefiore|Dell’Orto|Caravello|Serafini|Belcanto|Rosselli Vega|Marangon'),
  bandHeads: list('I Lampioni|Le Altalene|Mare Mosso|Stazione Centrale|Gli Ombrelloni|Notte Chiara'),
  bandTails: list('del Porto|di Luglio|e i Gatti'),
  heads: list('La luna|Il treno|Un’estate|Le finestre|Il tuo nome|La pioggia|Una strada|Il mare'),
  tails: list('di notte|senza te|d’agosto|che balla|di carta|in due|a colori|lontano da qui'),
  phrases: list('Resta qui|Dimmi di sì|Piano piano|Ancora un po’|Fuori piove|Domani è lontano')
}

const sv: Words = {
  given: list('Freja|Love|Signe|Elis|Tuva|Sixten|Ebba|Malte'),
  family: list('Nordlund|Almqvist|Björkenstam|Sjöberg Lo|Hallonsten|Vintergård|Ekelöv|Strömdal'),
  bandHeads: list('Norrskensklubben|Tysta Leken|Blå Timmen|Skymning|Sista Färjan|Lövhög'),
  bandTails: list('Nord|& Vänner|Orkester'),
  heads: list('Ljuset|En sommar|Dina ögon|Regnet|Gatan|Sista natten|Havet|Vintern'),
  tails: list('utan dig|i november|vid havet|som försvann|på låtsas|hem|för två|i motvind'),
  phrases: list('Stanna kvar|Kom hem|Hela natten|Ingen annan|Vi får se|Tyst nu')
}

const ja: Words = {
  given: list('Hinata|Sora|Aoi|Ren|Mio|Kaito|Yuzuki|Haru'),
  family: list('Tsukimori|Amagase|Kirishima|Hoshikawa|Natsuno|Mizuhara|Asagiri|Fujinami'),
  bandHeads: list('Yoru no Densha|Suiyōbi Club|Amaoto|Natsu Terebi|Kinmokusei Days|Hoshi to Radio|Mikan Drive|Asa Film'),
  bandTails: list('Orchestra|98|Tokyo|Sound'),
  heads: list('Yoru|Natsu|Ame|Kaze|Hikari|Umi|Sakura|Hoshi|Kaerimichi|Tegami'),
  tails: list('no Naka de|no Oto|ni Kieru|to Kimi|no Uta|no Yō ni|wo Matsu|Drive|Signal'),
  phrases: list('Mata Ashita|Sayonara Summer|Doko Made mo|Plastic Rain|Itsuka|City Lights Kiss|Mada Nemuranai|Futari')
}

const ko: Words = {
  given: list('Haneul|Jiwoo|Seorin|Taeyul|Minseo|Yoon|Dohyun|Areum'),
  family: list('Baek|Seol|Nam|Gil|Moon|Ryu|Cha|Eun'),
  bandHeads: list('STARLOOM|9PETAL|Hello Comet|NOVA:RE|Bluebell7|AURA LINE|Sunday Tiger|V-ORBIT|Peach Protocol|MOONSET'),
  bandTails: list('(KR)|Unit'),
  heads: list('Baby|Byeol|Love|Dalbit|Candy|Mirror|Ssum|Secret|Haru|Cherry'),
  tails: list('Signal|Talk|Ring Ring|Mode|Bomb|Rush|in Bloom|Attack|Wave|Diary'),
  phrases: list('Nae Mam|Oh My Days|Kkum|Left on Read|Annyeong|Zero to Heart|Run to You, Run|Saranghae 3AM')
}

const yo: Words = {
  given: list('Tunde|Folake|Dayo|Simi-Ade|Kemi|Femi|Zainab|Emeka'),
  family: list('Adewumi|Balogun-Rae|Okonjo|Eze|Lawalson|Akande|Nwachi|Obilade'),
  bandHeads: list('Lagoon Boys|Danfo Express|Palmwine Cartel|Harmattan Kids|Oyin Sisters|Third Mainland'),
  bandTails: list('Band|Sound System|& Co'),
  heads: list('Jeje|My Baby|Owo|Wahala|Sweet Mama|Ife|Lagos Night|Shayo|Gbedu|Body'),
  tails: list('Dey Call|No Dey Finish|(Dance Am)|for Me|Tonight|Like Fire|O|Don Come|All Day'),
  phrases: list('Carry Go|No Wahala|E Sweet Me|Small Small|Pepper Them|Far Away Love|Feeling Dey|Move Am')
}

const hi: Words = {
  given: list('Aarohi|Kabir|Meher|Ishaan|Tara|Vihaan|Naina|Zoya'),
  family: list('Malhotri|Deshraj|Banerwal|Suryan|Mehrotra-Lal|Chandola|Rathi|Kapoorthala'),
  bandHeads: list('Chai Junction|Baarish Project|Raat Rani|Local Train Dreams|Indigo Mela|Patang'),
  bandTails: list('Collective|& Friends|Live'),
  heads: list('Dil|Baarish|Teri Yaad|Chaand|Raasta|Khwaab|Saanjh|Tere Bina'),
  tails: list('ki Baatein|Mein|Se Pehle|ke Paar|ka Safar|Aur Main|Phir Se|ki Raat'),
  phrases: list('Thoda Sa Pyaar|Sun Zara|Kahaani|Chal Phir|Tum Ho Wahin|Rang')
}

export const words = { en, es, pt, fr, de, it, sv, ja, ko, yo, hi } as const
export type Language = keyof typeof words
